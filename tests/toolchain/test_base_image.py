"""The base image: there, pulled, or made with debootstrap."""

import pytest

from tests.toolchain.machine import Machine
from tests.toolchain.stand_ins import Programs
from toolchain.base_image import ensure_base_image
from toolchain.failure import SetupError
from toolchain.places import Places

# No image, and no registry that could be reached.
CUT_OFF = 'case "$1" in image|pull) exit 1 ;; esac'
DEBOOTSTRAP = 'mkdir -p "$3/etc"'


def test_an_image_that_is_there_is_left_alone(places: Places, programs: Programs) -> None:
    """A quick step when there is nothing to do."""
    programs.add("docker")
    ensure_base_image(places)
    assert programs.calls == ["docker image inspect debian:trixie-slim"]


def test_a_missing_image_is_pulled(places: Places, programs: Programs) -> None:
    """The usual way."""
    programs.add("docker", '[ "$1" != image ]')
    ensure_base_image(places)
    assert programs.calls[-1] == "docker pull --quiet debian:trixie-slim"


def test_where_it_cannot_be_pulled_it_is_made(places: Places, programs: Programs) -> None:
    """Debian's packages can often be reached where an image registry cannot."""
    programs.add("docker", CUT_OFF)
    programs.add("debootstrap", DEBOOTSTRAP)
    ensure_base_image(places)
    assert programs.called("debootstrap --variant=minbase trixie")
    assert programs.calls[-1].startswith("docker import")
    assert programs.calls[-1].endswith("debian:trixie-slim")
    assert [path.name for path in places.cache.iterdir()] == ["setup.log"], "the tree is removed again"


@pytest.mark.usefixtures("machine")
def test_debootstrap_is_installed_where_it_is_missing(places: Places, programs: Programs) -> None:
    """Root on Debian needs to do nothing by hand."""
    programs.add("docker", CUT_OFF)
    waiting = programs.add("debootstrap", DEBOOTSTRAP, folder=programs.folder / "waiting")
    programs.add("apt-get", f'case "$*" in install*debootstrap) cp {waiting} "$self/" ;; esac')
    ensure_base_image(places)
    assert programs.called("docker import")


def test_without_debootstrap_it_is_said_what_to_do(places: Places, programs: Programs, machine: Machine) -> None:
    """The sentence names the image."""
    machine.user(1000)
    programs.add("docker", CUT_OFF)
    with pytest.raises(SetupError, match=r"debian:trixie-slim cannot be pulled: get it into the engine"):
        ensure_base_image(places)
