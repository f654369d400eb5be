"""The stack as a whole: configuration, environment, package and engine, all wrong at once if need be."""

from collections.abc import Callable

import pytest

from core.load import Stack
from tests.support.engine import FakeDocker
from tests.support.loading import problems

SOCKET = "unix:///var/run/docker.sock"
FOREIGN = "remove it or rename it, or use another stack name; this program never takes over what it did not make"


def test_an_engine_with_nothing_on_it_will_do(loaded: Callable[..., Stack], docker: FakeDocker) -> None:
    """Four questions, each to the engine of the settings; and one to Pulumi, whether the stack's data is elsewhere."""
    stack = loaded()
    assert stack.names.owner == "cyclos-test"
    assert stack.package.source is None
    *questions, last = docker.asked
    assert len(questions) == 4
    assert all(question.startswith(f"--host {SOCKET} ") for question in questions)
    assert last.startswith("pulumi ")


def test_everything_wrong_is_said_at_once(
    loaded: Callable[..., Stack], docker: FakeDocker, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Settings, package, environment and engine in one error: nobody wants to learn of them one by one."""
    monkeypatch.setenv("DOCKER_CONTEXT", "remote")
    docker.version = "1.40"
    docker.volumes = [("cyclos-test-postgres-1-data", "")]
    text = problems(
        loaded, tomcat='{"nodes": 1}', package="absent.zip", network='{"subnet": "8.8.8.0/24"}', colour="blue"
    )
    assert [line.partition(":")[0].strip() for line in text.splitlines()[::2]] == [
        "DOCKER_CONTEXT",
        "colour",
        "engine.host",
        "network.subnet",
        "package",
        "stack",
        "tomcat.nodes",
    ]


@pytest.mark.parametrize("subnet", ["10.9.9.0/24", "10.247.72.0/24"], ids=["set", "derived"])
def test_the_cure_is_what_the_stack_was_made_with(
    loaded: Callable[..., Stack], docker: FakeDocker, free_port: int, subnet: str
) -> None:
    """Another subnet would be refused next; and nothing is said of an address before it is known where it should be."""
    docker.volumes = [("cyclos-test-etcd-1-data", "cyclos-test")]
    docker.networks = [("cyclos-test-network", "cyclos-test", subnet)]
    balancer = f'{{"nodes": 2, "port": {free_port}, "virtualIp": "10.9.9.2"}}'
    assert problems(loaded, etcd='{"members": 3}', balancer=balancer, network='{"subnet": "8.8.8.0/24"}') == (
        '  network.subnet: "8.8.8.0/24" given; must be private (RFC 1918)\n'
        f"      cure: pulumi config set --path network.subnet {subnet}"
    )
    assert problems(loaded, etcd='{"members": 3}', balancer=balancer, network='{"subnet": "10.9.8.0/24"}') == (
        f'  network.subnet: "10.9.8.0/24" given; this stack was made in {subnet}, where its etcd members expect '
        f"each other\n      cure: pulumi config set --path network.subnet {subnet}"
    )


@pytest.mark.parametrize("made", ["1", "3", "5"])
@pytest.mark.parametrize("given", [0, 2, 4, 7])
def test_a_wrong_number_of_members_has_one_cure(
    loaded: Callable[..., Stack], docker: FakeDocker, made: str, given: int
) -> None:
    """The nearest odd one would be refused next."""
    docker.containers = [
        ("cyclos-test-postgres-1-container", "cyclos-test", "running", "", ""),
        ("cyclos-test-etcd-1-container", "cyclos-test", "running", "", made),
    ]
    text = problems(loaded, etcd=f'{{"members": {given}}}')
    assert text.startswith(f"  etcd.members: {given} given; must be ")
    assert text.endswith(f"\n      cure: pulumi config set --path etcd.members {made}")


@pytest.mark.parametrize("given", [0, 9])
def test_a_wrong_number_of_replicas_deletes_none(loaded: Callable[..., Stack], docker: FakeDocker, given: int) -> None:
    """Nor makes one: the cure is how many there are."""
    docker.containers = [(f"cyclos-test-postgres-{n}-container", "cyclos-test", "running", "") for n in (1, 2, 3)]
    text = problems(loaded, postgres=f'{{"replicas": {given}}}')
    assert text.startswith(f"  postgres.replicas: {given} given; must be at ")
    assert text.endswith("\n      cure: pulumi config set --path postgres.replicas 2")


def test_nothing_is_said_of_what_stands_in_a_broken_group(loaded: Callable[..., Stack], docker: FakeDocker) -> None:
    """Its default is nobody's wish."""
    docker.containers = [(f"cyclos-test-postgres-{n}-container", "cyclos-test", "running", "", "") for n in (1, 2, 3)]
    assert problems(loaded, postgres="[1]").count("given;") == 1
    docker.error = "no engine"
    assert problems(loaded, engine="[1]").count("given;") == 1


def test_a_package_that_is_not_there(loaded: Callable[..., Stack]) -> None:
    """The intake's own words, in the form of every other problem."""
    assert problems(loaded, package="releases/absent.zip") == (
        '  package: "releases/absent.zip" given; does not exist\n'
        "      cure: give the cyclos-X.Y.Z.zip as downloaded, a .war or an extracted folder"
    )


def test_docker_context_elsewhere(loaded: Callable[..., Stack], monkeypatch: pytest.MonkeyPatch) -> None:
    """Pulumi's plugin prefers it to the provider's own host."""
    monkeypatch.setenv("DOCKER_CONTEXT", "production")
    assert problems(loaded) == (
        '  DOCKER_CONTEXT: "production" given; overrides engine.host in Pulumi\'s plugin, '
        "so that it might change another engine\n"
        "      cure: unset DOCKER_CONTEXT"
    )


def test_docker_host_elsewhere(loaded: Callable[..., Stack], monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever set it means another engine than the stack's."""
    monkeypatch.setenv("DOCKER_HOST", "tcp://other:2375")
    assert problems(loaded) == (
        f'  DOCKER_HOST: "tcp://other:2375" given; is not this stack\'s engine ({SOCKET})\n'
        "      cure: unset DOCKER_HOST, or pulumi config set --path engine.host tcp://other:2375"
    )


def test_certificates_for_a_socket(loaded: Callable[..., Stack], monkeypatch: pytest.MonkeyPatch) -> None:
    """The plugin would speak TLS to an engine that does not."""
    monkeypatch.setenv("DOCKER_CERT_PATH", "/certificates")
    assert problems(loaded) == (
        f'  DOCKER_CERT_PATH: "/certificates" given; makes Pulumi\'s plugin speak TLS, which {SOCKET} does not\n'
        "      cure: unset DOCKER_CERT_PATH"
    )


def test_docker_host_of_the_stack_itself(loaded: Callable[..., Stack], monkeypatch: pytest.MonkeyPatch) -> None:
    """Saying the same twice is no mistake."""
    monkeypatch.setenv("DOCKER_HOST", SOCKET)
    assert loaded().settings.engine.host == SOCKET


def test_no_engine(loaded: Callable[..., Stack], docker: FakeDocker) -> None:
    """Docker's own last line says why."""
    docker.error = (
        "Warning: old config\nCannot connect to the Docker daemon at unix:///var/run/docker.sock. Is it running?\n"
    )
    assert problems(loaded) == (
        f'  engine.host: "{SOCKET}" given; no Docker engine answers there: '
        "Cannot connect to the Docker daemon at unix:///var/run/docker.sock. Is it running?\n"
        "      cure: start the engine (make setup does), or pulumi config set --path engine.host ADDRESS"
    )


def test_no_docker_client(loaded: Callable[..., Stack], docker: FakeDocker, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every command of the program runs it."""
    monkeypatch.setattr(docker, "install", lambda: str(docker.folder / "nowhere"))
    assert problems(loaded) == (
        f'  engine.host: "{SOCKET}" given; needs Docker\'s command line client, which is not on PATH\n'
        "      cure: make setup"
    )


@pytest.mark.parametrize(
    ("version", "accepted"), [("1.40", False), ("1.9", False), ("1.41", True), ("1.51", True), ("2.0", True)]
)
def test_engine_versions(loaded: Callable[..., Stack], docker: FakeDocker, version: str, accepted: bool) -> None:
    """Compared as numbers: 1.9 is older than 1.41."""
    docker.version = version
    if accepted:
        assert loaded()
    else:
        assert problems(loaded) == (
            f'  engine.host: "{SOCKET}" given; this engine speaks API {version}; at least 1.41 is needed\n'
            "      cure: upgrade Docker to 20.10 or later"
        )


def test_an_engine_that_answers_nonsense(loaded: Callable[..., Stack], docker: FakeDocker) -> None:
    """A proxy's greeting is no version, and must not end in a traceback."""
    docker.version = "<html>"
    assert "no Docker engine answers there: it gave no API version but '<html>'" in problems(loaded)


@pytest.mark.parametrize(
    ("kind", "name"),
    [
        ("container", "cyclos-test-tomcat-2-container"),
        ("container", "cyclos-test-postgres-2-seed"),
        ("volume", "cyclos-test-etcd-1-data"),
        ("network", "cyclos-test-network"),
    ],
)
@pytest.mark.parametrize("owner", ["", "cyclos-other"])
def test_a_foreign_object_of_our_name(
    loaded: Callable[..., Stack], docker: FakeDocker, kind: str, name: str, owner: str
) -> None:
    """Nothing that this stack did not make is ever taken over, or removed."""
    docker.containers = [(name, owner, "running", "")] if kind == "container" else []
    docker.volumes = [(name, owner)] if kind == "volume" else []
    docker.networks = [(name, owner, "")] if kind == "network" else []
    assert problems(loaded) == (
        f'  stack: "test" given; a {kind} named {name} is there already and is not this stack\'s\n      cure: {FOREIGN}'
    )


def test_our_own_objects_are_no_problem(loaded: Callable[..., Stack], docker: FakeDocker) -> None:
    """A second `up` finds what the first one made, and others' things beside it."""
    docker.containers = [
        ("cyclos-test-etcd-1-container", "cyclos-test", "running", ""),
        ("web", "", "running", "80/tcp"),
    ]
    docker.volumes = [("cyclos-test-etcd-1-data", "cyclos-test"), ("cache", "")]
    docker.networks = [("cyclos-test-network", "cyclos-test", ""), ("bridge", "", "")]
    assert loaded().engine.stopped_at("cyclos-test-etcd-1-container") == ""


@pytest.mark.parametrize("state", ["created", "exited", "paused", "restarting", "dead"])
def test_a_container_that_does_not_run_is_noticed(loaded: Callable[..., Stack], docker: FakeDocker, state: str) -> None:
    """It makes the command that starts it run again; the engine keeps its id."""
    docker.containers = [("cyclos-test-tomcat-1-container", "cyclos-test", state, "")]
    engine = loaded().engine
    assert engine.stopped_at("cyclos-test-tomcat-1-container") == engine.asked_at != ""


@pytest.mark.parametrize("taken", ["10.200.0.0/16 ", "10.200.1.128/25 ", "fd00::/64 10.200.1.0/24 "])
def test_a_subnet_that_is_taken(loaded: Callable[..., Stack], docker: FakeDocker, taken: str) -> None:
    """The engine would refuse it in the middle of the first `up`; the cure names one that is free."""
    docker.networks = [("bridge", "", ""), ("office", "", "")]
    docker.subnets = [("bridge", "10.192.0.0/24 "), ("office", taken), ("host", "")]
    assert problems(loaded, network='{"subnet": "10.200.1.0/24"}') == (
        '  network.subnet: "10.200.1.0/24" given; overlaps with the Docker network office\n'
        "      cure: pulumi config set --path network.subnet 10.192.1.0/24"
    )


@pytest.mark.parametrize(
    ("destination", "mask", "taken"),
    [
        ("0001C80A", "00FFFFFF", True),
        ("0501C80A", "FFFFFFFF", True),
        ("0000C80A", "0000FFFF", False),
        ("00000000", "00000000", False),
    ],
    ids=["the same", "an address of it", "a larger one", "all the world"],
)
def test_a_subnet_in_which_this_machine_is(
    loaded: Callable[..., Stack], docker: FakeDocker, destination: str, mask: str, taken: bool
) -> None:
    """The engine would make the network, and no node would reach another one; a larger network is only less exact."""
    (docker.folder / "route").write_text(
        "Iface Destination Gateway Flags RefCnt Use Metric Mask MTU Window IRTT\n"
        "lan 000200C0 00000000 0001 0 0 0 00FFFFFF 0 0 0\n"
        f"lan {destination} 00000000 0001 0 0 0 {mask} 0 0 0\n"
    )
    docker.networks = [("bridge", "", "")]
    docker.subnets = [("bridge", "172.17.0.0/16 ")]
    subnet = '{"subnet": "10.200.1.0/24"}'
    if taken:
        assert problems(loaded, network=subnet) == (
            '  network.subnet: "10.200.1.0/24" given; overlaps with a network of this machine (lan)\n'
            "      cure: pulumi config set --path network.subnet 10.192.0.0/24"
        )
    else:
        assert loaded(network=subnet)


def test_our_own_subnet_is_not_taken(loaded: Callable[..., Stack], docker: FakeDocker) -> None:
    """Once the network is there, nobody asks for its addresses."""
    docker.networks = [("cyclos-test-network", "cyclos-test", "10.200.1.0/24")]
    docker.subnets = [("cyclos-test-network", "10.200.1.0/24 ")]
    assert loaded(network='{"subnet": "10.200.1.0/24"}')
    assert not [question for question in docker.asked if "network inspect" in question]


def test_a_change_into_a_subnet_that_is_taken(loaded: Callable[..., Stack], docker: FakeDocker) -> None:
    """The old network would be gone before the new one could not be made; our own old one is in nobody's way."""
    docker.networks = [("cyclos-test-network", "cyclos-test", "10.200.1.0/24"), ("office", "", "")]
    docker.subnets = [("cyclos-test-network", "10.200.1.0/24 "), ("office", "10.200.2.0/24 ")]
    assert "overlaps with the Docker network office" in problems(loaded, network='{"subnet": "10.200.2.0/24"}')
    docker.subnets = [("cyclos-test-network", "10.200.1.0/24 "), ("office", "10.200.3.0/24 ")]
    assert loaded(network='{"subnet": "10.200.2.0/24"}')


def test_a_bad_engine_address_asks_no_other_engine(loaded: Callable[..., Stack], docker: FakeDocker) -> None:
    """The default engine may be somebody else's, and what is on it no business of this stack."""
    text = problems(loaded, engine='{"host": "docker.sock"}')
    assert text.count("cure:") == 1
    assert docker.asked == []
