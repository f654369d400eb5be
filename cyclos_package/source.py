"""What the intake reads: a web app as a list of members, whatever it came in."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import IO

from cyclos_package.limits import MIB, Budget

_OPERATORS_FILE = "cyclos.properties"
_CLASSES = "WEB-INF/classes/"


@dataclass(frozen=True, slots=True)
class Member:
    """A file of the package."""

    name: str  # below web/, as in WEB-INF/web.xml
    size: int  # as announced; what is read decides
    open: Callable[[], IO[bytes]]

    def chunks(self, budget: Budget) -> Iterator[bytes]:
        """Read the file, counted."""
        with self.open() as stream:
            while chunk := stream.read(MIB):
                budget.spend(len(chunk))
                yield chunk


@dataclass(frozen=True, slots=True)
class Source:
    """An opened package."""

    web: tuple[Member, ...]  # the web app, without the operator's own properties
    others: tuple[Member, ...]  # the rest of an archive: read only to find damage
    titles: tuple[str, ...]  # names that may hold the version, best first
    budget: Budget


def is_operators(name: str) -> bool:
    """Tell `cyclos.properties` and its editor copies (`cyclos.properties.bak`, `.cyclos.properties.swp`) by name.

    A release ships none. A folder that was installed by hand does, with the passwords of another installation.
    """
    return name.startswith(_CLASSES) and _OPERATORS_FILE in name[len(_CLASSES) :]
