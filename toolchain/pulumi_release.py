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
    """Fill a folder with the released CLI and plugins; an archive whose SHA-256 is not the published one is refused."""
    archive = into / "archive.tar.gz"
    name = versions.archive_url.rsplit("/", 1)[-1]
    with step(f"Pulumi {versions.cli}: downloading {versions.archive_url}"):
        expected = _published(_read(versions.checksums_url), name)
        _fetch(versions.archive_url, archive)
    with archive.open("rb") as file:
        found = hashlib.file_digest(file, "sha256").hexdigest()
    if found != expected:
        raise SetupError(f"{versions.archive_url} is refused: its SHA-256 is {found}, published is {expected}.")
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


def _published(checksums: str, name: str) -> str:
    for line in checksums.splitlines():
        digest, _, listed = line.strip().partition(" ")
        if listed.strip().lstrip("*") == name:
            return digest.lower()
    raise SetupError(f"The vendor's list of checksums has no line for {name}; is there a release for this machine?")


def _read(url: str) -> str:
    with _opened(url) as answer:
        return str(answer.read().decode())


def _fetch(url: str, target: Path) -> None:
    with _opened(url) as answer, target.open("wb") as file:
        try:
            shutil.copyfileobj(answer, file)
        except (OSError, http.client.HTTPException) as error:
            raise Unreachable(f"{url} broke off: {error}") from error


def _opened(url: str) -> http.client.HTTPResponse:
    try:
        answer: http.client.HTTPResponse = urllib.request.urlopen(url, timeout=CONNECT_SECONDS)  # noqa: S310 - from the lock
    except (OSError, http.client.HTTPException) as error:
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
