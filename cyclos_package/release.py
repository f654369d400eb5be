"""Reads a release once, in one pass: tests it, hashes it and finds out what it is."""

import hashlib
import re
from collections.abc import Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from pathlib import Path

from cyclos_package.errors import PackageError
from cyclos_package.flavour import RELEASE_PROPERTIES, Flavour, flavour_of
from cyclos_package.folder_source import open_folder
from cyclos_package.generation import WEB_XML, References, check_generation
from cyclos_package.limits import Limits
from cyclos_package.properties import PROPERTIES_ENCODING
from cyclos_package.source import Member, Source
from cyclos_package.zip_source import open_zip

_MANIFEST = "META-INF/MANIFEST.MF"
_KEPT_IN_MEMORY = frozenset({RELEASE_PROPERTIES, WEB_XML, _MANIFEST})
_TITLE = re.compile(r"cyclos-(\d+(?:\.\d+)+(?:-[\w.]+)?)")
_MANIFEST_VERSION = re.compile(r"^Implementation-Version: *(\S+)\s*$", re.MULTILINE)
UNKNOWN_VERSION = "unknown"
_LIMITS = Limits()


@dataclass(frozen=True, kw_only=True, slots=True)
class Release:
    """A package that was read to its end and found good."""

    path: Path  # as given
    sha256: str  # of the web app's names and contents: the same for a zip, a .war and a folder
    version: str  # from the name or the manifest, else "unknown"
    flavour: Flavour
    release_properties: str = field(repr=False)  # text of cyclos-release.properties
    file_count: int
    size_bytes: int  # unpacked


@dataclass(slots=True)
class _Findings:
    """What one pass over the members collects."""

    digests: dict[str, str] = field(default_factory=dict)
    texts: dict[str, bytes] = field(default_factory=dict)
    references: References = field(default_factory=References)
    size_bytes: int = 0


def read_release(path: Path, *, limits: Limits = _LIMITS) -> Release:
    """Read a cyclos-X.Y.Z.zip, a .war, an extracted cyclos-X.Y.Z folder or its web folder.

    Every byte is read: a damaged archive is found here, in the preview, and the digest is that of the contents.
    Empty folders, modes and times are no part of a release. Neither is a `WEB-INF/classes/cyclos.properties`,
    which an operator's folder may hold: it has passwords.

    Raises:
        PackageError: the package cannot be used; the text says why and what to do.

    """
    try:
        with open_source(path, limits) as source:
            return _release(path, source)
    except OSError as error:
        rule = f"cannot be read ({error.strerror or error})"
        raise PackageError(path, rule, "check the path and its permissions") from error


def open_source(path: Path, limits: Limits = _LIMITS) -> AbstractContextManager[Source]:
    """Open whatever was given."""
    if path.is_dir():
        return open_folder(path, limits)
    if not path.exists():
        raise PackageError(path, "does not exist")
    if not path.is_file():
        raise PackageError(path, "is neither a file nor a folder")
    return open_zip(path, limits)


def combined_digest(digests: Mapping[str, str]) -> str:
    """Hash the list that `sha256sum` prints for all files in the order of their names (C locale)."""
    listing = "".join(f"{digests[name]}  {name}\n" for name in sorted(digests))
    return hashlib.sha256(listing.encode()).hexdigest()


def _release(path: Path, source: Source) -> Release:
    findings = _Findings()
    for member in source.web:
        _read(member, source, findings)
    properties = findings.texts.get(RELEASE_PROPERTIES)
    if properties is None:
        raise PackageError(path, f"is not a Cyclos release: its web app holds no {RELEASE_PROPERTIES}")
    check_generation(path, tuple(findings.digests), findings.texts.get(WEB_XML), findings.references)
    text = properties.decode(PROPERTIES_ENCODING)
    flavour = flavour_of(path, text)
    for member in source.others:
        for _ in member.chunks(source.budget):
            pass  # reading to the end tests the checksum
    return Release(
        path=path,
        sha256=combined_digest(findings.digests),
        version=_version(source, findings),
        flavour=flavour,
        release_properties=text,
        file_count=len(findings.digests),
        size_bytes=findings.size_bytes,
    )


def _read(member: Member, source: Source, findings: _Findings) -> None:
    """Hash one member; keep it when it tells what the release is."""
    limits = source.budget.limits
    keep = member.name in _KEPT_IN_MEMORY
    is_class = member.name.startswith("WEB-INF/classes/") and member.name.endswith(".class")
    digest = hashlib.sha256()
    size = 0
    text = b""
    for chunk in member.chunks(source.budget):
        digest.update(chunk)
        size += len(chunk)
        if is_class:
            findings.references.note(chunk)
        if keep:
            text += chunk
            if size > limits.text_bytes:
                raise PackageError(source.budget.path, f"has a {member.name} of more than {limits.text_bytes} bytes")
    if size != member.size:
        raise PackageError(source.budget.path, f'is damaged ("{member.name}" does not have its announced size)')
    findings.digests[member.name] = digest.hexdigest()
    findings.size_bytes += size
    if keep:
        findings.texts[member.name] = text


def _version(source: Source, findings: _Findings) -> str:
    """Take the first name that holds a version, then the manifest."""
    for title in source.titles:
        if match := _TITLE.fullmatch(title):
            return match[1]
    manifest = findings.texts.get(_MANIFEST, b"").decode(errors="replace")
    match = _MANIFEST_VERSION.search(manifest)
    return match[1] if match else UNKNOWN_VERSION
