"""The stacks that the tests share. Nothing of them is left on the engine, however the tests end."""

import os
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.real.cluster import Cluster
from tests.real.engine import LABEL, PREFIX, docker, inspect, labelled, owners, sweep
from tests.real.logs import pytest_runtest_makereport  # noqa: F401 - pytest finds it here
from tests.real.packages import C3P0, tomcat_examples
from tests.real.seeds import Seed, seeds_of
from tests.real.watcher import Watcher
from tests.support.signals import heed_interrupts

HERE = Path(__file__).parent


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Everything in this folder needs the engine."""
    for item in items:
        if item.path.is_relative_to(HERE):
            item.add_marker(pytest.mark.real)


@dataclass(frozen=True)
class Born:
    """A converged stack and what the process list showed while it was made."""

    cluster: Cluster
    processes: Watcher


@pytest.fixture(scope="session", autouse=True)
def clean_start_and_end() -> Iterator[None]:
    """Nothing of a crashed session is in the way, nothing of the operator's own Pulumi settings; nothing is left."""
    heed_interrupts()
    # It would win over the passphrase file of the tests' stacks.
    os.environ.pop("PULUMI_CONFIG_PASSPHRASE", None)
    os.environ.setdefault("VIRTUAL_ENV", sys.prefix)
    sweep()
    yield
    # The stacks are fixtures that came later, so that they have gone by now.
    assert left_behind() == {}


def left_behind() -> dict[str, list[str]]:
    """Containers, volumes and networks of the stacks that this process made, by label."""
    return {owner: labelled(owner) for owner in owners() if owner.startswith(f"{PREFIX}{os.getpid()}-")}


@pytest.fixture(scope="session")
def born(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Born]:
    """The default topology with the demo package, converged once for all tests."""
    made = Cluster(tmp_path_factory.mktemp("default"))
    try:
        with Watcher() as processes:
            made.up()
        yield Born(made, processes)
    finally:
        made.destroy()


@pytest.fixture(scope="session")
def cluster(born: Born) -> Cluster:
    """The shared stack."""
    return born.cluster


@pytest.fixture(scope="session")
def seeds(cluster: Cluster) -> dict[str, Seed]:
    """The seeds of the shared stack, by node."""
    return seeds_of(cluster)


@pytest.fixture
def box(cluster: Cluster) -> Iterator[str]:
    """A throw-away container of PostgreSQL's image on the stack's network, with an empty volume of its own."""
    image = inspect(cluster.container("postgres-1"))["Config"]["Image"]
    options = ("--label", f"{LABEL}={cluster.label}", "--network", f"{cluster.label}-network")
    name = docker("run", "-d", "--init", *options, "--entrypoint", "sleep", image, "600")
    yield name
    docker("rm", "-f", "--volumes", name)


@pytest.fixture(scope="module")
def whole(cluster: Cluster) -> None:
    """For a module: whatever the tests before killed is back."""
    cluster.revive()


@pytest.fixture
def restless(cluster: Cluster) -> Iterator[Cluster]:
    """The shared stack for a test that kills something: whole before, whole again after."""
    cluster.revive()
    yield cluster
    cluster.revive()


@pytest.fixture(scope="session")
def second(tmp_path_factory: pytest.TempPathFactory, cluster: Cluster) -> Iterator[Cluster]:
    """A second stack beside the first; deploys Tomcat's own examples. Its tests bring it up."""
    assert cluster.nodes(), "the first stack is there"
    folder = tmp_path_factory.mktemp("second")
    made = Cluster(
        folder, {"package": str(tomcat_examples(folder / "cyclos-9.0.1.war", C3P0)), "tomcat.memoryMib": "500"}
    )
    try:
        yield made
    finally:
        made.destroy()


@pytest.fixture(scope="session")
def blank(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    """A stack that is never deployed, because something is always wrong with it."""
    made = Cluster(tmp_path_factory.mktemp("blank"))
    try:
        yield made
    finally:
        made.destroy()
