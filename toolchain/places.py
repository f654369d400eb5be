"""Where setup reads and writes."""

import os
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Places:
    """The checkout, and the cache outside of it that all checkouts share."""

    root: Path
    cache: Path

    @property
    def sources(self) -> Path:
        """Go sources of Pulumi's tools."""
        return self.root / "toolchain" / "pulumi"

    @property
    def venv(self) -> Path:
        """The project's Python environment, which Pulumi.yaml names too."""
        return self.root / ".venv"

    @property
    def python(self) -> Path:
        """Its interpreter."""
        return self.venv / "bin" / "python"

    @property
    def state(self) -> Path:
        """Backend of the stack dev, its passphrase, and which tools serve it."""
        return self.root / ".state"

    @property
    def passphrase(self) -> Path:
        """File with the passphrase that encrypts the secrets of the state."""
        return self.state / "passphrase"

    @property
    def tools_in_use(self) -> Path:
        """File for `activate`: the folder of our own Pulumi tools; absent where the user's are used."""
        return self.state / "tools"

    @property
    def log(self) -> Path:
        """What the programs that setup runs have written."""
        return self.cache / "setup.log"


def default_places() -> Places:
    """The checkout that holds this file, and the user's cache."""
    base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Places(root=Path(__file__).resolve().parent.parent, cache=Path(base) / "cyclos-cluster")
