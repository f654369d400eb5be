"""How much a package may unpack to, counted on the bytes really read: the sizes in a header can lie."""

from dataclasses import dataclass
from pathlib import Path

from cyclos_package.errors import PackageError

MIB = 1024 * 1024


@dataclass(frozen=True, kw_only=True, slots=True)
class Limits:
    """Bounds that a Cyclos release (about 150 MB in some thousand files) stays far below."""

    members: int = 50_000
    unpacked_bytes: int = 2048 * MIB
    ratio: int = 100  # unpacked to packed, over the whole archive
    ratio_from_bytes: int = 64 * MIB  # below this no ratio can hurt: a small page of zeros packs 1000:1
    text_bytes: int = 4 * MIB  # web.xml, MANIFEST.MF, .properties: the files that are kept in memory


class Budget:
    """Counts what one package takes while it is read."""

    def __init__(self, path: Path, limits: Limits, packed_bytes: int | None) -> None:
        """Start at zero; a folder has no packed size."""
        self.path = path
        self.limits = limits
        self._packed_bytes = packed_bytes
        self._spent = 0

    def spend(self, size: int) -> None:
        """Take note of bytes read and refuse the package when they are too many."""
        self._spent += size
        self.check_total(self._spent)

    def check_total(self, size: int) -> None:
        """Refuse a total; also called with the sum of all headers, to refuse an honest giant before reading it."""
        if size > self.limits.unpacked_bytes:
            mib = self.limits.unpacked_bytes // MIB
            raise PackageError(self.path, f"unpacks to more than {mib} MiB, which no Cyclos release does")
        packed = self._packed_bytes
        if packed is not None and size > self.limits.ratio_from_bytes and size > packed * self.limits.ratio:
            rule = f"unpacks to more than {self.limits.ratio} times its size, as only a zip bomb does"
            raise PackageError(self.path, rule)

    def check_members(self, count: int) -> None:
        """Refuse too many members."""
        if count > self.limits.members:
            rule = f"holds more than {self.limits.members} files, which no Cyclos release does"
            raise PackageError(self.path, rule)
