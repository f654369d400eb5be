"""The pinned versions of Pulumi's tools (pulumi.toml)."""

import hashlib
import os
import platform
import tomllib
from dataclasses import dataclass

from toolchain.places import Places

LOCK = "pulumi.toml"
# A stand-in for the vendor's site, for a mirror or a test.
SITE_VARIABLE = "CYCLOS_PULUMI_SITE"
PROCESSORS = {"x86_64": "x64", "amd64": "x64", "aarch64": "arm64", "arm64": "arm64"}


@dataclass(frozen=True)
class PulumiVersions:
    """What pulumi.toml says."""

    minimum: str
    cli: str
    plugins: dict[str, str]
    site: str
    archive: str
    sha256: dict[str, str]

    @property
    def archive_url(self) -> str:
        """The vendor's release for this machine."""
        return f"{self.site}/{self.archive.format(version=self.cli, processor=_processor())}"

    @property
    def archive_sha256(self) -> str | None:
        """What it must hash to; None where there is no release for this machine."""
        return self.sha256.get(_processor())


def _processor() -> str:
    return PROCESSORS.get(platform.machine().lower(), platform.machine())


def pulumi_versions(places: Places) -> PulumiVersions:
    """Read the lock file."""
    lock = tomllib.loads((places.root / "toolchain" / LOCK).read_text())
    release = lock["release"]
    return PulumiVersions(
        minimum=lock["minimum"],
        cli=lock["cli"],
        plugins=lock["plugins"],
        site=os.environ.get(SITE_VARIABLE) or release["site"],
        archive=release["archive"],
        sha256=release["sha256"],
    )


def fingerprint(places: Places) -> str:
    """Changes with every version and every Go source, so that tools of another state are never taken for these."""
    digest = hashlib.sha256((places.root / "toolchain" / LOCK).read_bytes())
    for path in sorted(path for path in places.sources.rglob("*") if path.is_file()):
        digest.update(str(path.relative_to(places.sources)).encode())
        digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()[:12]


def version_numbers(text: str) -> tuple[int, ...]:
    """Turn v3.259.0-dev into (3, 259, 0), to compare."""
    return tuple(int(part) for part in text.strip().removeprefix("v").split("-")[0].split("+")[0].split("."))
