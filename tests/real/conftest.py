"""The stacks that the tests share. Nothing of them is left on the engine, however the tests end."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.real.cluster import Cluster
from tests.real.packages import tomcat_examples

HERE = Path(__file__).parent


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Everything in this folder needs the engine."""
    for item in items:
        if item.path.is_relative_to(HERE):
            item.add_marker(pytest.mark.real)


@pytest.fixture(scope="session")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    """The default topology with the demo package, converged once for all tests."""
    made = Cluster(tmp_path_factory.mktemp("default"), {})
    try:
        made.up()
        yield made
    finally:
        made.destroy()


@pytest.fixture(scope="session")
def second(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    """A second stack beside the first; deploys Tomcat's own examples. Its test brings it up."""
    folder = tmp_path_factory.mktemp("second")
    made = Cluster(folder, {"package": str(tomcat_examples(folder)), "tomcat.memoryMib": "500"})
    try:
        yield made
    finally:
        made.destroy()
