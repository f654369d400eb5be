"""Who leads is asked only where something hangs on it."""

from collections.abc import Callable

import pytest

from core.load import Stack
from tests.support.engine import FakeDocker


@pytest.mark.parametrize("leads", [True, False])
def test_a_wanted_leader_is_asked(loaded: Callable[..., Stack], docker: FakeDocker, leads: bool) -> None:
    """Only where one is wanted, and only when it runs."""
    name = "cyclos-test-postgres-2-container"
    assert loaded().engine.deposed_at(name) == ""
    assert not [question for question in docker.asked if "exec" in question]
    docker.containers = [(name, "cyclos-test", "running", "")]
    docker.refuses = not leads
    stack = loaded(postgres='{"leader": "postgres-2"}')
    assert stack.engine.deposed_at(name) == ("" if leads else stack.engine.asked_at)


def test_who_leads_is_asked_where_a_node_has_no_data(loaded: Callable[..., Stack], docker: FakeDocker) -> None:
    """It copies before others change, if there is somebody to copy; otherwise no preview pays for the question."""
    nodes = [f"cyclos-test-postgres-{number}" for number in (1, 2)]
    docker.containers = [(f"{node}-container", "cyclos-test", "running", "") for node in nodes]
    docker.volumes = [(f"{node}-data", "cyclos-test") for node in nodes]
    assert loaded().engine.leader == ""
    assert not [question for question in docker.asked if "exec" in question]
    docker.volumes.pop()
    assert loaded().engine.leader == "cyclos-test-postgres-1-container"
    docker.refuses = True
    assert loaded().engine.leader == ""
