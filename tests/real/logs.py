"""What the nodes logged when a test failed: their stack is gone when somebody reads it.

The last lines stand below the report, the whole logs in `build/logs`, a folder for each test.
"""

import os
import re
from collections.abc import Generator
from pathlib import Path

import pytest

from tests.real.engine import LABEL, PREFIX, docker, log_of

FOLDER = Path(__file__).parents[2] / "build" / "logs"
SHOWN_LINES = 40


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Add the logs to the report."""
    report = yield
    if report.failed:
        folder = FOLDER / re.sub(r"\W+", "-", item.nodeid)
        folder.mkdir(parents=True, exist_ok=True)
        for name in _containers():
            log = log_of(name, "--timestamps")
            (folder / f"{name}.log").write_text(log)
            report.sections.append((f"last lines of {name}", "\n".join(log.splitlines()[-SHOWN_LINES:])))
    return report


def _containers() -> list[str]:
    """Those of the stacks that this process made; none when the engine does not answer."""
    names = docker("ps", "--all", "--filter", f"label={LABEL}", "--format", "{{.Names}}", check=False).split()
    return sorted(name for name in names if name.startswith(f"{PREFIX}{os.getpid()}-"))
