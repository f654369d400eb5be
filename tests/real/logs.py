"""What the nodes logged last, below the report of a test that failed: their stack is gone when somebody reads it."""

import os
from collections.abc import Generator

import pytest

from tests.real.engine import LABEL, PREFIX, docker, log_of

SHOWN = ("--timestamps", "--tail", "40")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item,  # noqa: ARG001 - pytest calls it by this name
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Add the logs to the report."""
    report = yield
    if report.failed:
        report.sections += [(f"last lines of {name}", log_of(name, *SHOWN)) for name in _containers()]
    return report


def _containers() -> list[str]:
    """Those of the stacks that this process made; none when the engine does not answer."""
    names = docker("ps", "--all", "--filter", f"label={LABEL}", "--format", "{{.Names}}", check=False).split()
    return sorted(name for name in names if name.startswith(f"{PREFIX}{os.getpid()}-"))
