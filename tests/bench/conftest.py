"""Benchmarks run only when asked for (`-m bench`): they take minutes and want a quiet machine."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.bench.figures import RESULTS, Results
from tests.bench.workspace import Workspace

RESULTS_KEY = pytest.StashKey[Results]()


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave the benchmarks out of a plain `pytest`."""
    if "bench" in config.option.markexpr:
        return
    here = Path(__file__).parent
    left_out = [item for item in items if here in item.path.parents]
    config.hook.pytest_deselected(items=left_out)
    items[:] = [item for item in items if item not in left_out]


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """Print the table."""
    if found := config.stash.get(RESULTS_KEY, None):
        terminalreporter.section(f"figures ({RESULTS})")
        for line in found.table():
            terminalreporter.write_line(line)


@pytest.fixture(scope="session")
def results(pytestconfig: pytest.Config) -> Results:
    """Collects the figures of this run."""
    return pytestconfig.stash.setdefault(RESULTS_KEY, Results())


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workspace]:
    """A copy of the checkout with a backend of its own; its stacks are removed afterwards."""
    with Workspace(tmp_path_factory.mktemp("bench")) as made:
        yield made
