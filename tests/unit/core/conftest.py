"""Loads a stack against an engine that is made up."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pulumi
import pytest
from pulumi.runtime.mocks import set_mocks

from core import preflight
from core.load import Stack, load
from tests.support import ports
from tests.support.engine import FakeDocker
from tests.support.recorder import Echo


@pytest.fixture
def free_port() -> int:
    """Find a port that nobody listens on."""
    return ports.free_port()


@pytest.fixture
def docker(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> FakeDocker:
    """Stand in for Docker's client; tests say what the engine holds, then call `loaded`. The machine has no network."""
    for variable in ("DOCKER_HOST", "DOCKER_CONTEXT", "DOCKER_CERT_PATH"):
        monkeypatch.delenv(variable, raising=False)
    monkeypatch.setattr(preflight, "ROUTES", tmp_path / "route")
    return FakeDocker(tmp_path)


@pytest.fixture
def loaded(docker: FakeDocker, free_port: int, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., Stack]]:
    """Load the stack `test` of the project `cyclos` with this configuration."""

    def loaded(**values: str) -> Stack:
        monkeypatch.setenv("PATH", docker.install())
        set_mocks(Echo(preview=False), project="cyclos", stack="test", organization="bank")
        values = {"balancer": f'{{"port": {free_port}}}', **values}
        pulumi.runtime.set_all_config(
            {f"cyclos:{key}": text for key, text in values.items()} | {"docker:host": "ignored"}
        )
        return load()

    yield loaded
    pulumi.runtime.set_all_config({})
