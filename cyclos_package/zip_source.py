"""A package in a zip file: cyclos-X.Y.Z.zip (web app below cyclos-X.Y.Z/web/) or a .war (web app at the top)."""

import os
import re
import stat
import struct
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import IO

from cyclos_package.errors import DOWNLOAD_AGAIN, GIVE_A_PACKAGE, PackageError
from cyclos_package.limits import Budget, Limits
from cyclos_package.names import Names
from cyclos_package.source import Member, Source, is_operators

_WEB_FOLDER = re.compile(r"(?:[^/]+/)??web/")
_END = struct.Struct("<4s6xH10x")  # signature and number of members in the record at the end
_COUNTED_ELSEWHERE = 0xFFFF  # more members than fit: the count is in a ZIP64 record
_ENCRYPTED = 0x1
_NAME_IS_UTF8 = 0x800
# zipfile unpacks bzip2 and LZMA without a bound on memory, and no Cyclos release uses them.
_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
_File = tuple[str, zipfile.ZipInfo]  # by its full name
_DAMAGE = (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, struct.error)


@contextmanager
def open_zip(path: Path, limits: Limits) -> Iterator[Source]:
    """Check all headers, then offer the members for reading; damage found later is reported the same way."""
    try:
        with _opened(path) as archive:
            infos = archive.infolist()
            budget = Budget(path, limits, path.stat().st_size)
            budget.check_members(len(infos))
            _check_count(path, archive)
            files = _checked_files(path, infos)
            budget.check_total(sum(info.file_size for info in infos))
            yield _source(path, archive, files, budget)
    except _DAMAGE as error:
        raise PackageError(path, f"is damaged ({error})", DOWNLOAD_AGAIN) from error


def _opened(path: Path) -> zipfile.ZipFile:
    """Open the archive and read its directory."""
    try:
        return zipfile.ZipFile(path)
    except (*_DAMAGE, ValueError) as error:
        with path.open("rb") as stream:
            starts_as_zip = stream.read(4) == b"PK\x03\x04"
        if starts_as_zip:
            raise PackageError(path, "is damaged (cut short, or its directory is broken)", DOWNLOAD_AGAIN) from error
        raise PackageError(path, "is not a zip file", GIVE_A_PACKAGE) from error


def _check_count(path: Path, archive: zipfile.ZipFile) -> None:
    """Compare the number of members with the one at the archive's end.

    zipfile does not, so that one wrong length in the directory makes it miss members without a word.
    """
    with path.open("rb") as stream:
        stream.seek(-_END.size - len(archive.comment), os.SEEK_END)
        signature, count = _END.unpack(stream.read(_END.size))
    if signature != b"PK\x05\x06":
        raise zipfile.BadZipFile("there is something behind its end")
    if count not in (len(archive.infolist()), _COUNTED_ELSEWHERE):
        raise zipfile.BadZipFile(f"{len(archive.infolist())} of {count} members found")


def _checked_files(path: Path, infos: Iterable[zipfile.ZipInfo]) -> list[_File]:
    """List the files by name and refuse everything that a plain archive of files does not hold."""
    names = Names(path)
    files: list[_File] = []
    for info in infos:
        raw = _name(path, info)
        is_folder = raw.endswith("/")
        names.add(raw.removesuffix("/"), folder=is_folder)
        kind = stat.S_IFMT(info.external_attr >> 16)
        if kind == stat.S_IFLNK:
            raise PackageError(path, f'holds the symbolic link "{raw}", which a Cyclos release never does')
        if kind not in (0, stat.S_IFREG, stat.S_IFDIR):
            raise PackageError(path, f'holds "{raw}", which is neither a file nor a folder')
        if info.flag_bits & _ENCRYPTED:
            raise PackageError(path, f'is encrypted (member "{raw}")', "give it without a password")
        if info.compress_type not in _METHODS:
            rule = f'packs "{raw}" by method {info.compress_type}; only stored and deflated are read'
            raise PackageError(path, rule)
        if not is_folder:
            files.append((raw, info))
    return files


def _name(path: Path, info: zipfile.ZipInfo) -> str:
    """Return the whole name of a member, the same with every version of Python.

    `info.filename` is not: it ends at the first NUL, and without the flag for UTF-8 it is read as the CP437 of DOS,
    though zip on Linux writes UTF-8 without that flag.
    """
    if info.flag_bits & _NAME_IS_UTF8:
        return info.orig_filename
    try:
        return info.orig_filename.encode("cp437").decode("utf-8")
    except UnicodeDecodeError as error:
        rule = f"is not safe to unpack: the name of member {info.orig_filename!a} is not UTF-8"
        raise PackageError(path, rule, "pack it again with names in UTF-8") from error


def _source(path: Path, archive: zipfile.ZipFile, files: list[_File], budget: Budget) -> Source:
    """Split the members into the web app and the rest."""
    root = _root(path, (name for name, _ in files))
    web: list[Member] = []
    others: list[Member] = []
    for full_name, info in files:
        inside = full_name.startswith(root)
        name = full_name.removeprefix(root)
        member = Member(name, info.file_size, partial(_open_member, archive, info))
        (web if inside and not is_operators(name) else others).append(member)
    return Source(tuple(web), tuple(others), (root.partition("/")[0], path.stem), budget)


def _open_member(archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> IO[bytes]:
    """Open a member; its CRC is checked when its end is read."""
    try:
        return archive.open(info)
    except ValueError as error:  # an offset outside the file
        raise zipfile.BadZipFile(str(error)) from error


def _root(path: Path, names: Iterable[str]) -> str:
    """Find where the web app starts: the top for a .war, else the only web/ folder."""
    roots = set()
    for name in names:
        if name.startswith("WEB-INF/"):
            return ""
        if match := _WEB_FOLDER.match(name):
            roots.add(match[0])
    if not roots:
        raise PackageError(path, "holds no web/ folder (nor WEB-INF/ at its top)")
    if len(roots) > 1:
        raise PackageError(path, f"holds more than one web app ({', '.join(sorted(roots))})")
    return roots.pop()
