"""A Docker engine: left as it is, installed, started, or asked for in a sentence."""

import pytest

from tests.toolchain.machine import Machine
from tests.toolchain.stand_ins import Programs
from toolchain import engine
from toolchain.engine import ensure_engine
from toolchain.failure import SetupError
from toolchain.places import Places

# Answers once the engine was started.
DOCKER = 'test -e "$self/started"'
DOCKERD = 'touch "$self/started"; sleep 0.1'


def install_brings(programs: Programs, *names: str) -> None:
    """Let apt-get install put these stand-ins on PATH."""
    bodies = {"docker": DOCKER, "dockerd": DOCKERD}
    waiting = [programs.add(name, bodies[name], folder=programs.folder / "waiting") for name in names]
    copies = "; ".join(f'cp {path} "$self/"' for path in waiting)
    programs.add("apt-get", f'case "$1" in install) {copies} ;; esac')


def test_an_engine_that_answers_is_left_alone(places: Places, programs: Programs) -> None:
    """Whoever has an engine keeps it as it is."""
    programs.add("docker")
    ensure_engine(places)
    assert programs.calls == ["docker version"]


def test_a_context_that_was_chosen_is_not_heeded(places: Places, programs: Programs) -> None:
    """The program does not either (`engine.host`); a second engine would be started beside the one that answers."""
    programs.add("docker", 'test "$DOCKER_CONTEXT" = default')
    ensure_engine(places)
    assert programs.calls == ["docker version"]


@pytest.mark.usefixtures("machine")
def test_debians_engine_is_installed_and_started_in_the_background(places: Places, programs: Programs) -> None:
    """In a container or a minimal machine there is no systemd."""
    install_brings(programs, "docker", "dockerd")
    ensure_engine(places)
    assert programs.called("apt-get update")
    assert programs.called("apt-get install --yes --no-install-recommends docker.io")
    assert programs.called("dockerd")
    assert (places.cache / "dockerd.log").exists()


@pytest.mark.usefixtures("machine")
def test_the_client_is_installed_where_it_is_a_package_of_its_own(places: Places, programs: Programs) -> None:
    """Since trixie docker.io holds the daemon only."""
    programs.add("apt-cache", 'test "$2" = docker-cli')
    install_brings(programs, "docker", "dockerd")
    ensure_engine(places)
    assert programs.called("apt-get install --yes --no-install-recommends docker.io docker-cli")


def test_systemd_starts_the_engine_where_there_is_one(places: Places, programs: Programs, machine: Machine) -> None:
    """Then it comes back after a reboot too."""
    machine.systemd()
    install_brings(programs, "docker", "dockerd")
    programs.add("systemctl", DOCKERD)
    ensure_engine(places)
    assert programs.called("systemctl enable --now docker")
    assert not programs.called("dockerd")


@pytest.mark.usefixtures("machine")
def test_an_installed_engine_is_started_without_installing(places: Places, programs: Programs) -> None:
    """After a reboot of a machine without systemd."""
    programs.add("docker", DOCKER)
    programs.add("dockerd", DOCKERD)
    ensure_engine(places)
    assert not programs.called("apt-get")


@pytest.mark.usefixtures("machine")
def test_an_engine_that_never_answers_is_an_error_with_its_log(
    places: Places, programs: Programs, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The wait has an end."""
    monkeypatch.setattr(engine, "START_SECONDS", 0.3)
    programs.add("docker", "exit 1")
    programs.add("dockerd", "exit 1")
    with pytest.raises(SetupError, match=r"started but does not answer; its log is .*dockerd\.log"):
        ensure_engine(places)


@pytest.mark.usefixtures("programs")
@pytest.mark.parametrize(
    ("user", "release", "obstacle"),
    [
        (1000, "ID=debian\n", "only root can install packages"),
        (0, "ID=alpine\n", "this is not Debian"),
    ],
)
def test_without_an_engine_it_is_said_what_to_install(
    places: Places, machine: Machine, user: int, release: str, obstacle: str
) -> None:
    """One sentence, and nothing was tried."""
    machine.user(user)
    machine.debian(release)
    with pytest.raises(SetupError) as caught:
        ensure_engine(places)
    assert str(caught.value) == (
        f"A Docker engine is missing, and {obstacle}. Install and start a Docker engine 20.10 or later "
        "(Debian: apt-get install docker.io), then run this again."
    )


def test_only_root_can_start_the_engine(places: Places, programs: Programs, machine: Machine) -> None:
    """Installed, not running, and the user may not start it."""
    machine.user(1000)
    programs.add("docker", "exit 1")
    programs.add("dockerd")
    with pytest.raises(SetupError, match="installed but does not answer, and only root can start it"):
        ensure_engine(places)


@pytest.mark.parametrize("variable", ["DOCKER_HOST", "DOCKER_CONTEXT"])
def test_an_engine_elsewhere_is_not_replaced_by_one_here(
    places: Places, programs: Programs, monkeypatch: pytest.MonkeyPatch, variable: str
) -> None:
    """The user points to another engine: its silence is not cured by installing one here."""
    monkeypatch.setenv(variable, "elsewhere")
    programs.add("docker", "exit 1")
    with pytest.raises(SetupError, match=f"{variable}=elsewhere does not answer. Start it or unset {variable}"):
        ensure_engine(places)
    assert programs.calls == ["docker version"]
