"""Installs Debian's packages, where this is Debian and we may."""

import os
from collections.abc import Sequence
from pathlib import Path

from toolchain.commands import answers, run
from toolchain.failure import SetupError
from toolchain.places import Places
from toolchain.progress import step

RELEASE_FILE = Path("/etc/os-release")
TWENTY_MINUTES = 20 * 60


def is_debian() -> bool:
    """Debian itself or a system made from it."""
    lines = RELEASE_FILE.read_text().splitlines() if RELEASE_FILE.exists() else []
    fields = dict(line.split("=", 1) for line in lines if "=" in line)
    return "debian" in f"{fields.get('ID', '')} {fields.get('ID_LIKE', '')}".replace('"', "").split()


def is_root() -> bool:
    """Whether packages may be installed."""
    return os.geteuid() == 0


def install(places: Places, packages: Sequence[str], *, purpose: str, by_hand: str) -> None:
    """Install packages; where that cannot be done, SetupError says what is missing and what to do by hand."""
    if not is_debian() or not is_root():
        obstacle = "only root can install packages" if is_debian() else "this is not Debian"
        raise SetupError(f"{purpose} is missing, and {obstacle}. {by_hand}, then run this again.")
    quiet = {"DEBIAN_FRONTEND": "noninteractive"}
    with step(f"{purpose}: installing Debian's {' '.join(packages)}"):
        run(["apt-get", "update"], log=places.log, environment=quiet, seconds=TWENTY_MINUTES)
        command = ["apt-get", "install", "--yes", "--no-install-recommends", *packages]
        run(command, log=places.log, environment=quiet, seconds=TWENTY_MINUTES)


def offers(package: str) -> bool:
    """Whether Debian has a package of that name (after an update)."""
    return answers("apt-cache", "show", package)
