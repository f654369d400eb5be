"""`pulumi up` that dies in the middle, as with the power of the operator's machine."""

import os
import signal
import subprocess
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from tests.real.cluster import Cluster

STARTS_SECONDS = 240


def kill_up_when(stack: Cluster, reached: Callable[[], bool], what: str) -> None:
    """Start `pulumi up`, kill it as soon as it has reached a point."""
    with subprocess.Popen(
        stack.command("up", "--yes", "--skip-preview"),
        cwd=stack.work, env={**os.environ, **stack.environment}, start_new_session=True,
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    ) as process:  # fmt: skip
        try:
            deadline = time.monotonic() + STARTS_SECONDS
            while not reached():
                assert process.poll() is None, f"pulumi up ended before this: {what}"
                assert time.monotonic() < deadline, f"did not come: {what}"
                time.sleep(0.02)
        finally:
            _kill_session(process.pid)
    assert process.returncode == -signal.SIGKILL


def _kill_session(leader: int) -> None:
    """SIGKILL for a process and all that it started: language host, plugins, Docker's clients.

    The process itself first: it must not get the time to notice that a plugin died and to give its lock back.
    """
    with suppress(ProcessLookupError):
        os.kill(leader, signal.SIGKILL)
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            session = int(stat.read_text().rpartition(")")[2].split()[3])
        except (OSError, ProcessLookupError):
            continue  # ended meanwhile
        if session == leader:
            with suppress(ProcessLookupError):
                os.kill(int(stat.parent.name), signal.SIGKILL)
