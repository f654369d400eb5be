"""What Pulumi's state says of the stack, by a `pulumi` that answers from a file."""

import shutil
from collections.abc import Callable

import pytest

from core.load import Stack
from core.naming import Names
from core.state import VOLUME
from tests.support.engine import FakeDocker
from tests.support.loading import problems

QUESTION = "pulumi --non-interactive stack export --stack bank/cyclos/test"
HERE = "unix:///var/run/docker.sock"
GIVEN_UP = {"disposable": "true", "postgres": '{"replicas": 1}'}


@pytest.fixture(autouse=True)
def three_nodes(docker: FakeDocker) -> None:
    """They run, and the last `pulumi up` has protected what they have."""
    docker.containers = [(f"cyclos-test-postgres-{n}-container", "cyclos-test", "running", "") for n in (1, 2, 3)]
    docker.resources = [{"type": "pulumi:pulumi:Stack"}, *(volume(n, protect=True) for n in (1, 2, 3))]


def volume(number: int, host: str = HERE, *, protect: bool) -> dict[str, object]:
    """One of the state's resources, cut down to what is read."""
    provider = f"urn:pulumi:test::cyclos::cyclos:foundation:Foundation$docker::{Names.provider(host)}::an-id"
    name = f"cyclos-test-postgres-{number}-data"
    return {"type": VOLUME, "inputs": {"name": name}, "provider": provider} | ({"protect": True} if protect else {})


def test_protection_is_not_given_up_in_passing(loaded: Callable[..., Stack], docker: FakeDocker) -> None:
    """With `--skip-preview` Pulumi would refuse only when the replica has been stopped."""
    assert "would delete the data of postgres-3, which this stack protects" in problems(loaded, **GIVEN_UP)
    assert docker.asked[-1] == QUESTION


def test_what_is_not_protected_may_go(loaded: Callable[..., Stack], docker: FakeDocker) -> None:
    """An `up` has given the protection up before."""
    docker.resources = [volume(n, protect=False) for n in (1, 2, 3)]
    assert loaded(**GIVEN_UP).settings.postgres.replicas == 1


def test_a_state_is_read_only_where_it_matters(loaded: Callable[..., Stack], docker: FakeDocker) -> None:
    """No `up` of every day pays for it."""
    loaded(disposable="true", postgres='{"replicas": 2}')
    assert QUESTION not in docker.asked


@pytest.mark.parametrize("disposable", ["false", "true"])
def test_a_bank_does_not_begin_anew_on_another_engine(
    loaded: Callable[..., Stack], docker: FakeDocker, disposable: str
) -> None:
    """Pulumi would replace what it protects, if the protection is given up in the same `up`."""
    docker.containers = []
    elsewhere = "tcp://192.0.2.1:2376"
    assert problems(loaded, disposable=disposable, engine=f'{{"host": "{elsewhere}"}}') == (
        f'  engine.host: "{elsewhere}" given; has none of the data that this stack protects until an `up` with '
        "disposable: true\n"
        "      cure: pulumi config set --path engine.host HOST, where the data is; to leave it there on purpose: after "
        "that pulumi config set disposable true, pulumi up, then the other host, pulumi up"
    )


def test_a_stack_may_leave_what_it_does_not_protect(loaded: Callable[..., Stack], docker: FakeDocker) -> None:
    """And one that has lost everything where it was may begin anew there."""
    docker.containers = []
    assert loaded().settings.engine.host == HERE
    docker.resources = [volume(1, protect=False)]
    assert loaded(engine='{"host": "tcp://192.0.2.1:2376"}')


def test_a_state_that_cannot_be_read(loaded: Callable[..., Stack], docker: FakeDocker) -> None:
    """Then nothing that may be protected goes."""
    docker.state_error = "error: passphrase must be set"
    assert problems(loaded, **GIVEN_UP) == (
        '  stack: "bank/cyclos/test" given; may be data that the last `pulumi up` protected, which its state does not '
        "say: error: passphrase must be set\n"
        "      cure: pulumi stack export --stack bank/cyclos/test must work"
    )


def test_pulumi_is_not_to_be_found(
    loaded: Callable[..., Stack], docker: FakeDocker, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever starts it by its path has another command line in mind than we might find."""
    docker.install()
    monkeypatch.setattr(docker, "install", lambda: str(docker.folder))
    (docker.folder / "pulumi").unlink()
    for needed in ("cat", "dirname"):
        (docker.folder / needed).symlink_to(str(shutil.which(needed)))
    assert "pulumi is not on PATH (No such file or directory)" in problems(loaded, **GIVEN_UP)
