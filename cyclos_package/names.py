"""Which member names are safe to put below the web root, on any file system."""

import re
import unicodedata
from pathlib import Path

from cyclos_package.errors import DOWNLOAD_AGAIN, PackageError

_DRIVE = re.compile(r"[A-Za-z]:")


def _danger(name: str) -> str | None:
    """Say what is wrong with a name, if anything."""
    if not name.isprintable():
        return "has a name that cannot be printed"  # control characters, and bytes that are not UTF-8
    if "\\" in name:
        return "has a backslash in its name"
    if name.startswith("/") or _DRIVE.match(name):
        return "has an absolute path"
    if not {"", ".", ".."}.isdisjoint(name.split("/")):
        return 'has ".", ".." or nothing as a part of its path'
    return None


class Names:
    """The names seen in one package; each new one must be safe and must not collide with an earlier one."""

    def __init__(self, path: Path) -> None:
        """Start empty."""
        self._path = path
        self._files: set[str] = set()
        self._folders: set[str] = set()
        self._spellings: dict[str, str] = {}

    def add(self, name: str, *, folder: bool = False) -> None:
        """Accept a name or raise."""
        danger = _danger(name)
        if danger is not None:
            raise PackageError(self._path, f"is not safe to unpack: member {name!a} {danger}", DOWNLOAD_AGAIN)
        if not folder:
            self._add_file(name)
            name = name.rpartition("/")[0]
        while name:
            self._add_folder(name)
            name = name.rpartition("/")[0]

    def _add_file(self, name: str) -> None:
        if name in self._files:
            raise PackageError(self._path, f'holds "{name}" twice', DOWNLOAD_AGAIN)
        if name in self._folders:
            raise self._both(name)
        self._files.add(name)
        self._add_spelling(name)

    def _add_folder(self, name: str) -> None:
        if name in self._files:
            raise self._both(name)
        self._folders.add(name)
        self._add_spelling(name)

    def _both(self, name: str) -> PackageError:
        return PackageError(self._path, f'holds "{name}" both as a file and as a folder', DOWNLOAD_AGAIN)

    def _add_spelling(self, name: str) -> None:
        other = self._spellings.setdefault(_folded(name), name)
        if other != name:
            raise PackageError(self._path, f'holds "{other}" and "{name}", which differ only in case', DOWNLOAD_AGAIN)


def _folded(name: str) -> str:
    """Return what a file system that ignores case and Unicode forms compares."""
    return name.lower() if name.isascii() else unicodedata.normalize("NFC", name).casefold()
