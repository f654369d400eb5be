"""Builds small packages of Cyclos' shape: as a zip, a .war or a folder."""

import zipfile
from collections.abc import Iterable, Mapping
from pathlib import Path

PROPERTIES = "WEB-INF/classes/cyclos-release.properties"
TITLE = "cyclos-4.16.3"
WEB_XML = b'<?xml version="1.0"?>\n<web-app xmlns="http://xmlns.jcp.org/xml/ns/javaee" version="4.0"/>\n'
HIKARICP = (
    b"# Caf\xe9\ncyclos.datasource.dataSource.serverName = localhost\ncyclos.datasource.dataSource.user = cyclos\n"
)
C3P0 = b"cyclos.datasource.jdbcUrl = jdbc:postgresql://localhost/cyclos4\ncyclos.datasource.user = cyclos\n"


def web(changes: Mapping[str, bytes | None] | None = None) -> dict[str, bytes]:
    """Return the files of a good web app with some of them changed, added, or (None) left out."""
    good: dict[str, bytes | None] = {
        "index.html": b"<p>Cyclos</p>" * 20,
        "WEB-INF/web.xml": WEB_XML,
        PROPERTIES: HIKARICP,
        "WEB-INF/classes/org/cyclos/Start.class": b"\xca\xfe\xba\xbejavax/servlet/Servlet",
        "WEB-INF/lib/driver.jar": bytes(range(256)) * 8,
        "images/caf\xe9.svg": b"<svg/>",
        "images/empty": b"",
    }
    return {name: content for name, content in {**good, **(changes or {})}.items() if content is not None}


def zip_of(
    path: Path,
    members: Mapping[str, bytes] | Iterable[tuple[zipfile.ZipInfo | str, bytes]],
    *,
    prefix: str = f"{TITLE}/web/",
    method: int = zipfile.ZIP_DEFLATED,
) -> Path:
    """Write a zip; names in pairs are taken as they are, names in a mapping go below the prefix."""
    pairs: Iterable[tuple[zipfile.ZipInfo | str, bytes]]
    pairs = [(prefix + name, data) for name, data in members.items()] if isinstance(members, Mapping) else members
    with zipfile.ZipFile(path, "w", method) as archive:
        for name, data in pairs:
            archive.writestr(name, data)
    return path


def release_zip(folder: Path, extra: Iterable[tuple[zipfile.ZipInfo | str, bytes]] = ()) -> Path:
    """Write a good release with further members, named as they are."""
    pairs: list[tuple[zipfile.ZipInfo | str, bytes]] = [(f"{TITLE}/web/{n}", data) for n, data in web().items()]
    return zip_of(folder / f"{TITLE}.zip", [*pairs, *extra])


def folder_of(path: Path, members: Mapping[str, bytes]) -> Path:
    """Write the files below a folder."""
    for name, data in members.items():
        file = path / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(data)
    return path
