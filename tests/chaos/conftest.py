"""The cluster that everything is done to: the shape of a production stack with the demo package."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.chaos.audit import opened
from tests.chaos.load import Ledger
from tests.chaos.place import Place
from tests.chaos.results import BUILD, Results
from tests.chaos.trial import Trial
from tests.real.cluster import Cluster
from tests.real.engine import eventually, sweep
from tests.real.logs import pytest_runtest_makereport  # noqa: F401 - pytest finds it here
from tests.support.signals import heed_interrupts

HERE = Path(__file__).parent
RUNS = 5
RESULTS_KEY = pytest.StashKey[Results]()
SHARED_ADDRESS = "10.194.7.2"
URL = f"http://{SHARED_ADDRESS}:8080"
SETTINGS = {
    "etcd.members": "3",
    "postgres.replicas": "2",
    "tomcat.nodes": "3",
    "balancer.nodes": "2",
    "balancer.virtualIp": SHARED_ADDRESS,
    "postgres.maxConnections": "130",
    "network.subnet": "10.194.7.0/24",
}


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """`make chaos` goes in rounds: one tells what is broken, and the cluster has aged when a scenario comes again."""
    if "trial" in metafunc.fixturenames:
        runs = RUNS if "chaos" in metafunc.config.option.markexpr else 1
        metafunc.fixturenames.append("run")
        metafunc.parametrize("run", range(1, runs + 1), scope="session")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """A plain `pytest` runs the short form: a few scenarios, once."""
    mine = [item for item in items if item.path.is_relative_to(HERE)]
    for item in mine:
        item.add_marker(pytest.mark.real)
        item.add_marker(pytest.mark.chaos)
    if "chaos" not in config.option.markexpr:
        left_out = [item for item in mine if not item.get_closest_marker("short")]
        config.hook.pytest_deselected(items=left_out)
        items[:] = [item for item in items if item not in left_out]


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """Print the table."""
    if (found := config.stash.get(RESULTS_KEY, None)) and found.runs:
        terminalreporter.section(f"chaos ({found.folder})")
        for line in found.table():
            terminalreporter.write_line(line)


@pytest.fixture(scope="session")
def results(pytestconfig: pytest.Config) -> Results:
    """Collects the figures of this session; those of a plain `pytest` beside those of `make chaos`."""
    name = "chaos" if "chaos" in pytestconfig.option.markexpr else "chaos-short"
    if RESULTS_KEY not in pytestconfig.stash:
        pytestconfig.stash[RESULTS_KEY] = Results(BUILD / name)
    return pytestconfig.stash[RESULTS_KEY]


@dataclass(frozen=True)
class Production:
    """A converged stack, the containers that it had when it was new, and what its clients remember."""

    cluster: Cluster
    place: Place
    nodes: frozenset[str]
    ledger: Ledger


@pytest.fixture(scope="session")
def production(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Production]:
    """A stack that no scenario may lose."""
    heed_interrupts()
    sweep()
    made = Cluster(tmp_path_factory.mktemp("production"), SETTINGS)
    try:
        made.up()
        place = Place(made)
        try:
            yield Production(made, place, frozenset(made.nodes()), opened(made))
        finally:
            place.leave()
    finally:
        made.destroy()


@pytest.fixture
def trial(production: Production, results: Results, request: pytest.FixtureRequest) -> Trial:
    """A scenario is named after its test. A run ends with everything whole; what one that has failed left is healed."""
    parameters = dict(request.node.callspec.params)
    number = parameters.pop("run")
    scenario = "_".join([request.function.__name__.removeprefix("test_"), *parameters.values()])
    # A plain `pytest` runs beside anything, and must not depend on a tenth of a second.
    timed = "chaos" in request.config.option.markexpr
    made = Trial(
        production.cluster,
        production.place,
        URL,
        production.nodes,
        production.ledger,
        results,
        scenario,
        number,
        timed,
    )
    if request.session.testsfailed:
        try:
            eventually(made.whole, "the cluster is whole", 30)
        except AssertionError:
            production.cluster.up()
            eventually(made.whole, "the cluster is whole", 180)
    return made
