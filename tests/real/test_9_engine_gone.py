"""The engine stops under a stack that is there: an error, and nothing is forgotten."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.real.cluster import Cluster

ENGINE = Path("/var/run/docker.sock")


@pytest.fixture
def socket(tmp_path: Path) -> Path:
    """Another name of the engine's socket, which a test may take away."""
    path = tmp_path / "engine.sock"
    path.symlink_to(ENGINE)
    return path


@pytest.fixture
def stack(tmp_path: Path, socket: Path) -> Iterator[Cluster]:
    """A stack that reaches the engine by that name."""
    made = Cluster(tmp_path, {"engine.host": f"unix://{socket}"})
    try:
        made.up()
        yield made
    finally:
        made.destroy()


def resources(stack: Cluster) -> set[str]:
    """What the state knows."""
    exported = json.loads(stack.pulumi("stack", "export", record=False).stdout)
    return {resource["urn"] for resource in exported["deployment"]["resources"]}


def test_an_engine_that_stopped_takes_nothing_with_it(stack: Cluster, socket: Path) -> None:
    """Neither a preview nor an `up` takes silence for absence."""
    before, starts = resources(stack), stack.starts()
    socket.unlink()
    for words in (("preview",), ("up", "--yes", "--skip-preview")):
        refused = stack.pulumi(*words)
        assert refused.returncode != 0
        assert str(socket) in refused.stdout
        assert "Traceback" not in refused.stdout
    socket.symlink_to(ENGINE)
    assert resources(stack) == before
    assert stack.preview_is_empty()
    assert stack.starts() == starts
