"""What Pulumi's state says of the stack, by a `pulumi` that answers from a file."""

import json
from collections.abc import Callable

import pytest

from core.load import Stack
from core.policy import VOLUME
from tests.support.engine import FakeDocker
from tests.support.loading import problems

SCRIPT = """\
#!/bin/sh
cd "$(dirname "$0")"
echo "$*" >>told
cat state
"""
GIVEN_UP = {"disposable": "true", "postgres": '{"replicas": 1}'}


@pytest.fixture
def remembers(docker: FakeDocker) -> Callable[[bool], None]:
    """Put three nodes on the engine, whose volumes the state remembers as protected or not."""
    docker.containers = [(f"cyclos-test-postgres-{n}-container", "cyclos-test", "running", "") for n in (1, 2, 3)]

    def remembers(protect: bool) -> None:
        flag = {"protect": True} if protect else {}
        volumes = [{"type": VOLUME, "inputs": {"name": f"cyclos-test-postgres-{n}-data"}, **flag} for n in (1, 2, 3)]
        resources = [{"type": "pulumi:pulumi:Stack"}, *volumes]
        (docker.folder / "state").write_text(json.dumps({"version": 3, "deployment": {"resources": resources}}))
        (docker.folder / "pulumi").write_text(SCRIPT)
        (docker.folder / "pulumi").chmod(0o755)

    return remembers


def test_protection_is_not_given_up_in_passing(
    loaded: Callable[..., Stack], docker: FakeDocker, remembers: Callable[[bool], None]
) -> None:
    """With `--skip-preview` Pulumi would refuse only when the replica has been stopped."""
    remembers(True)
    assert "would delete the data of postgres-3, which this stack protects" in problems(loaded, **GIVEN_UP)
    assert (docker.folder / "told").read_text() == "stack export --stack bank/cyclos/test\n"


def test_what_is_not_protected_may_go(loaded: Callable[..., Stack], remembers: Callable[[bool], None]) -> None:
    """An `up` has given the protection up before."""
    remembers(False)
    assert loaded(**GIVEN_UP).settings.postgres.replicas == 1


def test_a_state_is_read_only_where_it_matters(
    loaded: Callable[..., Stack], docker: FakeDocker, remembers: Callable[[bool], None]
) -> None:
    """No `up` of every day pays for it."""
    remembers(True)
    loaded(disposable="true", postgres='{"replicas": 2}')
    assert not (docker.folder / "told").exists()
