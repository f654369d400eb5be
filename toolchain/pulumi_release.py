"""Pulumi's tools as the vendor releases them."""

import hashlib
import http.client
import os
import shutil
import tarfile
import urllib.error
import urllib.request
from pathlib import Path

from toolchain.commands import run
from toolchain.failure import SetupError
from toolchain.places import Places
from toolchain.progress import step
from toolchain.pulumi_versions import PulumiVersions

CONNECT_SECONDS = 10
PLUGIN_SECONDS = 600


class Unreachable(Exception):  # noqa: N818 - not an error yet: there is another way
    """The vendor's site does not answer from here."""


def download(places: Places, versions: PulumiVersions, into: Path) -> None:
    """Fill a folder with the released CLI and plugins; an archive that is not the pinned one is refused."""
    archive = into / "archive.tar.gz"
    expected = versions.archive_sha256
    if not expected:
        raise Unreachable(f"Pulumi {versions.cli} is not released for this kind of machine.")
    with step(f"Pulumi {versions.cli}: downloading {versions.archive_url}"):
        _fetch(versions.archive_url, archive)
    with archive.open("rb") as file:
        found = hashlib.file_digest(file, "sha256").hexdigest()
    if found != expected:
        raise SetupError(f"{versions.archive_url} is refused: its SHA-256 is {found}, pinned is {expected}.")
    _unpack(archive, into / "bin")
    archive.unlink()
    _install_plugins(places, versions, into)


def _install_plugins(places: Places, versions: PulumiVersions, tools: Path) -> None:
    search = f"{tools / 'bin'}{os.pathsep}{os.environ.get('PATH', os.defpath)}"
    environment = {"PATH": search, "PULUMI_HOME": str(tools / "home"), "PULUMI_SKIP_UPDATE_CHECK": "true"}
    for number, (name, version) in enumerate(versions.plugins.items(), 1):
        with step(f"Pulumi's plugins: {number} of {len(versions.plugins)}, {name} {version}"):
            command = [str(tools / "bin" / "pulumi"), "plugin", "install", "resource", name, version]
            try:
                run(command, log=places.log, environment=environment, seconds=PLUGIN_SECONDS)
            except SetupError as error:
                raise Unreachable(f"The {name} plugin cannot be downloaded: {error}") from error


def _fetch(url: str, target: Path) -> None:
    with _opened(url) as answer, target.open("wb") as file:
        try:
            shutil.copyfileobj(answer, file)
        except (OSError, http.client.HTTPException) as error:
            raise Unreachable(f"{url} broke off: {error}") from error
        # Python takes a connection that is closed early for the end of the file.
        if answer.length:
            raise Unreachable(f"{url} broke off: {answer.length} bytes are missing")


def _opened(url: str) -> http.client.HTTPResponse:
    try:
        answer: http.client.HTTPResponse = urllib.request.urlopen(url, timeout=CONNECT_SECONDS)  # noqa: S310 - from the lock
    except (OSError, ValueError, http.client.HTTPException) as error:
        reason = error.reason if isinstance(error, urllib.error.URLError) else error
        raise Unreachable(f"{url} cannot be reached: {reason}") from error
    return answer


def _unpack(archive: Path, into: Path) -> None:
    """The archive holds the programs in one folder, `pulumi/`; the folder itself is left out."""
    with tarfile.open(archive) as tar:
        for member in tar:
            content = tar.extractfile(member)
            if content:
                program = into / Path(member.name).name
                with program.open("wb") as file:
                    shutil.copyfileobj(content, file)
                program.chmod(0o755)
