"""Downloads the pinned artefacts of artefacts.toml: `python toolchain/artefacts.py [--into FOLDER]`.

Each is verified by its SHA-512, kept in a cache outside the checkout, and copied into its build context without the
version in its name. Nothing is fetched that is there already.
"""

import argparse
import contextlib
import hashlib
import io
import os
import shutil
import sys
import tempfile
import tomllib
from dataclasses import dataclass
from pathlib import Path

import truststore
from maven_artifact.artifact import Artifact
from maven_artifact.downloader import Downloader
from maven_artifact.requestor import RequestException

ROOT = Path(__file__).parent.parent
LOCK = Path(__file__).with_name("artefacts.toml")


class ArtefactError(Exception):
    """An artefact cannot be had, or is not the one that was pinned."""


@dataclass(frozen=True)
class Pinned:
    """One entry of the lock file."""

    coordinates: str  # group:artifact:[extension:]version
    sha512: str
    into: str  # folder, relative to the checkout

    @property
    def artifact(self) -> Artifact:
        """The same in the words of the download library."""
        return Artifact.parse(self.coordinates)

    @property
    def filename(self) -> str:
        """Name in the build context: no version, so that Dockerfiles need none."""
        return f"{self.artifact.artifact_id}.{self.artifact.extension}"


def pinned() -> list[Pinned]:
    """All entries of the lock file."""
    return [Pinned(**entry) for entry in tomllib.loads(LOCK.read_text())["artefact"]]


def cache() -> Path:
    """Where downloads are kept, outside the checkout."""
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "cyclos-cluster" / "artefacts"


def place(artefact: Pinned) -> bool:
    """Put an artefact where its build context expects it; True when that changed anything."""
    target = ROOT / artefact.into / artefact.filename
    if target.exists() and _digest(target) == artefact.sha512:
        return False
    cached = cache() / artefact.sha512
    if not cached.exists() or _digest(cached) != artefact.sha512:
        _download(artefact, cached)
    target.parent.mkdir(parents=True, exist_ok=True)
    beside = target.with_suffix(".partial")
    shutil.copyfile(cached, beside)
    beside.rename(target)
    return True


def _download(artefact: Pinned, cached: Path) -> None:
    """Fetch aside, verify, rename: an interrupted download leaves nothing that looks complete."""
    cached.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=cached.parent) as folder:
        partial = Path(folder) / artefact.filename
        try:
            with contextlib.redirect_stdout(io.StringIO()):
                Downloader().download(artefact.artifact, str(partial))
        except RequestException as error:
            raise ArtefactError(f"{artefact.coordinates} cannot be downloaded: {error.msg}") from error
        except OSError as error:  # a connection that breaks off, which the library passes on as it is
            raise ArtefactError(f"{artefact.coordinates} cannot be downloaded: {error}") from error
        if (found := _digest(partial)) != artefact.sha512:
            raise ArtefactError(f"{artefact.coordinates} is not what was pinned: SHA-512 {found}")
        partial.rename(cached)


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha512").hexdigest()


def main() -> None:
    """Place every artefact, or those of one folder; say so only when something was fetched."""
    parser = argparse.ArgumentParser(description="Download the pinned artefacts")
    parser.add_argument("--into", help="only those of this folder, relative to the checkout")
    wanted = parser.parse_args().into
    # A network's own authority that the machine trusts: the library alone believes Mozilla's list only.
    truststore.inject_into_ssl()
    try:
        for artefact in pinned():
            if wanted in {None, artefact.into} and place(artefact):
                print(f"placed {artefact.into}/{artefact.filename}")
    except ArtefactError as error:
        sys.exit(str(error))


if __name__ == "__main__":
    main()
