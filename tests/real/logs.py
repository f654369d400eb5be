"""What the nodes logged last, below the report of a test that failed: their stack is gone when somebody reads it."""

import os
import subprocess
from collections.abc import Generator

import pytest

from tests.real.engine import LABEL, PREFIX, docker

LINES = 40


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item,  # noqa: ARG001 - pytest calls it by this name
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Add the logs to the report."""
    report = yield
    if report.failed:
        report.sections += [(f"last lines of {name}", _last_lines(name)) for name in _containers()]
    return report


def _containers() -> list[str]:
    """Those of the stacks that this process made; none when the engine does not answer."""
    names = docker("ps", "--all", "--filter", f"label={LABEL}", "--format", "{{.Names}}", check=False).split()
    return sorted(name for name in names if name.startswith(f"{PREFIX}{os.getpid()}-"))


def _last_lines(container: str) -> str:
    command = ["docker", "logs", "--timestamps", "--tail", str(LINES), container]
    return subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False).stdout
