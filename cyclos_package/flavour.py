"""Which connection pool a release is made for, told by the keys of its properties."""

from enum import StrEnum
from pathlib import Path

import javaproperties

from cyclos_package.errors import DOWNLOAD_AGAIN, PackageError

RELEASE_PROPERTIES = "WEB-INF/classes/cyclos-release.properties"

_HIKARICP_PREFIX = "cyclos.datasource.dataSource."
_C3P0_KEYS = frozenset({"cyclos.datasource.jdbcUrl", "cyclos.datasource.user", "cyclos.datasource.password"})
_GIVE_OTHER = "give a Cyclos 4 release as the vendor ships it"


class Flavour(StrEnum):
    """The connection pool, and with it the names of the data source's keys."""

    HIKARICP = "hikaricp"  # cyclos.datasource.dataSource.*
    C3P0 = "c3p0"  # cyclos.datasource.jdbcUrl, user, password (Cyclos 4.0)


def flavour_of(path: Path, release_properties: str) -> Flavour:
    """Read the flavour; a file that is no .properties file, or fits none or both, is refused."""
    try:
        keys = javaproperties.loads(release_properties).keys()
    except ValueError as error:
        raise PackageError(path, f"has a broken {RELEASE_PROPERTIES} ({error})", DOWNLOAD_AGAIN) from error
    hikaricp = any(key.startswith(_HIKARICP_PREFIX) for key in keys)
    c3p0 = not _C3P0_KEYS.isdisjoint(keys)
    if hikaricp and c3p0:
        rule = f"sets both {_HIKARICP_PREFIX}* and cyclos.datasource.jdbcUrl, user or password in {RELEASE_PROPERTIES}"
        raise PackageError(path, rule, _GIVE_OTHER)
    if not hikaricp and not c3p0:
        rule = f"sets neither {_HIKARICP_PREFIX}* nor cyclos.datasource.jdbcUrl, user or password"
        raise PackageError(path, f"{rule} in {RELEASE_PROPERTIES}", _GIVE_OTHER)
    return Flavour.HIKARICP if hikaricp else Flavour.C3P0
