"""A package as an extracted folder: cyclos-X.Y.Z with web/ in it, or the web folder itself."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import IO

from cyclos_package.errors import PackageError
from cyclos_package.limits import Budget, Limits
from cyclos_package.names import Names
from cyclos_package.source import Member, Source, is_operators

_COPY_FILES = "put a copy of the file in its place"


@contextmanager
def open_folder(path: Path, limits: Limits) -> Iterator[Source]:
    """List the web app; nothing outside it is looked at."""
    root = path.resolve()
    if not (root / "WEB-INF").is_dir():
        root = root / "web"
    if not root.is_dir():
        raise PackageError(path, "holds no web/ folder (nor WEB-INF/ at its top)")
    budget = Budget(path, limits, packed_bytes=None)
    names = Names(path)
    members: list[Member] = []
    for entry in _files(path, root):
        name = os.path.relpath(entry.path, root)
        if is_operators(name):
            continue
        names.add(name)
        file = _linked(path, root.resolve(), entry) if entry.is_symlink() else Path(entry.path)
        members.append(Member(name, file.stat().st_size, partial(_open_file, file)))
        budget.check_members(len(members))
    yield Source(tuple(members), (), (root.name, root.parent.name), budget)


def _files(path: Path, root: Path) -> Iterator[os.DirEntry[str]]:
    """Walk the folder without following links."""
    folders = [str(root)]
    while folders:
        with os.scandir(folders.pop()) as listing:
            entries = sorted(listing, key=lambda entry: entry.name)
        for entry in entries:
            if entry.is_dir(follow_symlinks=False):
                folders.append(entry.path)
            elif entry.is_file(follow_symlinks=False) or entry.is_symlink():
                yield entry
            else:
                raise PackageError(path, f'holds "{entry.path}", which is neither a file nor a folder', _COPY_FILES)


def _open_file(file: Path) -> IO[bytes]:
    return file.open("rb")


def _linked(path: Path, root: Path, entry: os.DirEntry[str]) -> Path:
    """Follow a link to a file of the same web app; no other link is followed."""
    target = Path(os.path.realpath(entry.path))  # Path.resolve raises on a loop of links
    if not target.is_relative_to(root) or is_operators(str(target.relative_to(root))):
        raise PackageError(path, f'holds the symbolic link "{entry.path}", which leads outside it', _COPY_FILES)
    if not target.is_file():
        raise PackageError(path, f'holds the symbolic link "{entry.path}", which does not lead to a file', _COPY_FILES)
    return target
