"""Writes the web app as one reproducible tar, the only content of the package image."""

import hashlib
import os
import tarfile
import tempfile
from pathlib import Path, PurePosixPath
from typing import IO

from cyclos_package.errors import PackageError
from cyclos_package.release import Release, combined_digest, open_source
from cyclos_package.source import Member

_FILE_MODE = 0o644
_FOLDER_MODE = 0o755


class _HashingReader:
    """A file that is hashed as it is copied."""

    def __init__(self, stream: IO[bytes]) -> None:
        self._stream = stream
        self.sha256 = hashlib.sha256()

    def read(self, size: int = -1) -> bytes:
        """Read and hash."""
        data = self._stream.read(size)
        self.sha256.update(data)
        return data


def write_web_tar(release: Release, target: Path) -> None:
    """Write the web app (WEB-INF/… at the top) to `target`; the same release gives the same bytes.

    The operator's own `WEB-INF/classes/cyclos.properties` and copies of it are left out: they hold passwords, and
    an image is no place for one. The cluster mounts its own file there.
    A target that exists is kept, so its name must hold `release.sha256`. It appears whole or not at all.

    Raises:
        PackageError: the package was changed since it was read.

    """
    if target.exists():
        return
    target.parent.mkdir(parents=True, exist_ok=True)
    handle, unfinished = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.")
    try:
        with os.fdopen(handle, "wb") as stream:
            _write(release, stream)
        Path(unfinished).chmod(_FILE_MODE)
        Path(unfinished).replace(target)
    except BaseException:
        Path(unfinished).unlink(missing_ok=True)
        raise


def _write(release: Release, stream: IO[bytes]) -> None:
    """Fill the tar and make sure that what went into it is what was read before."""
    digests: dict[str, str] = {}
    folders: set[str] = set()
    # PAX spells long and non-ASCII names in a way that every tar reads alike; short ones get a plain header.
    with (
        open_source(release.path) as source,
        tarfile.open(fileobj=stream, mode="w", format=tarfile.PAX_FORMAT, encoding="utf-8") as tar,
    ):
        for member in sorted(source.web, key=lambda member: member.name):
            for folder in reversed(PurePosixPath(member.name).parents[:-1]):
                if str(folder) not in folders:
                    folders.add(str(folder))
                    tar.addfile(_header(str(folder), tarfile.DIRTYPE, _FOLDER_MODE))
            digests[member.name] = _add(tar, member)
    if combined_digest(digests) != release.sha256:
        raise PackageError(release.path, "was changed since it was read", "run the command again")


def _add(tar: tarfile.TarFile, member: Member) -> str:
    header = _header(member.name, tarfile.REGTYPE, _FILE_MODE)
    header.size = member.size
    with member.open() as stream:
        reader = _HashingReader(stream)
        tar.addfile(header, reader)
    return reader.sha256.hexdigest()


def _header(name: str, kind: bytes, mode: int) -> tarfile.TarInfo:
    """Make a header that says nothing of this machine: owner and time are 0, and names of owners are empty."""
    header = tarfile.TarInfo(name)
    header.type = kind
    header.mode = mode
    return header
