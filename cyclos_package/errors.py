"""The one exception of the package intake, worded for whoever set the `package` key."""

from pathlib import Path

GIVE_A_PACKAGE = "give the cyclos-X.Y.Z.zip as downloaded, a .war or an extracted folder"
DOWNLOAD_AGAIN = "download cyclos-X.Y.Z.zip again"


class PackageError(Exception):
    """A package that cannot be used: the key, what was given, the rule it breaks and the cure."""

    def __init__(self, given: Path | str, rule: str, cure: str = GIVE_A_PACKAGE) -> None:
        """Keep the parts, for callers that list several errors."""
        super().__init__(f'package: "{given}" {rule}; {cure}')
        self.key = "package"
        self.given = str(given)
        self.rule = rule
        self.cure = cure
