"""What is deployed as the web app: a Cyclos release that an operator gave, or the demo package of this repository."""

from dataclasses import dataclass
from pathlib import Path

from core.images import BASE, ROOT, Image, folder_digest
from cyclos_package import Flavour, Release, read_release

DEMO = "demo"
DEMO_PROPERTIES = "web/WEB-INF/classes/cyclos-release.properties"


@dataclass(frozen=True)
class Package:
    """One web app, by what it holds; `source` is None for the demo, whose image compiles it."""

    source: Path | None
    version: str
    sha256: str
    flavour: Flavour
    properties: str  # text of cyclos-release.properties
    image: Image


def package_of(source: Path | None) -> Package:
    """Read and verify the package. Raises cyclos_package.PackageError."""
    return _release(source, read_release(source)) if source else _demo()


def _release(source: Path, release: Release) -> Package:
    image = Image("package", f"build/package/{release.sha256[:12]}", recipe="images/package", digest=release.sha256)
    return Package(source, release.version, release.sha256, release.flavour, release.release_properties, image)


def _demo() -> Package:
    text = (ROOT / DEMO / DEMO_PROPERTIES).read_text(encoding="iso-8859-1")
    return Package(
        None, "demo", folder_digest(ROOT / DEMO), Flavour.HIKARICP, text, Image("demo", DEMO, {"BASE": BASE})
    )
