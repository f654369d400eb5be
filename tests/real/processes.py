"""Processes inside a stack's containers, seen and signalled from the engine's machine."""

import os
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from tests.real.cluster import Cluster
from tests.real.engine import docker, eventually, inspect

# A container that crashes again earlier than this is started after twice the pause of the time before, 0.1 s at first.
SETTLED_SECONDS = 10


def processes(cluster: Cluster, node: str, words: str) -> list[int]:
    """The engine's machine's numbers of a node's processes whose command line holds these words, oldest first."""
    rows = docker("top", cluster.container(node), "-eo", "pid,args").splitlines()[1:]
    return [int(row.split()[0]) for row in rows if words in row.split(maxsplit=1)[1]]


def signal_process(cluster: Cluster, node: str, words: str, number: signal.Signals = signal.SIGKILL) -> None:
    """Send a signal to the oldest process of a node whose command line holds these words."""
    found = processes(cluster, node, words)
    assert found, f"{node} runs no {words}"
    send(found[0], number)


def send(process: int, number: signal.Signals) -> None:
    """Send a signal to a process of the engine's machine."""
    os.kill(process, number)


def signal_processes(cluster: Cluster, node: str, words: str, number: signal.Signals) -> None:
    """Send a signal to every process of a node whose command line holds these words."""
    found = processes(cluster, node, words)
    assert found, f"{node} runs no {words}"
    for process in found:
        send(process, number)


@contextmanager
def restarts(container: str, what: str) -> Iterator[None]:
    """Ends when the engine has started the container again for what was done meanwhile; begins when it is settled."""
    eventually(lambda: _is_settled(container), f"{container} has run for a while since it crashed", SETTLED_SECONDS * 2)
    before = inspect(container)
    process = Path("/proc") / str(before["State"]["Pid"])
    yield
    # First what takes no time to look at.
    eventually(lambda: not process.exists(), what)
    eventually(lambda: inspect(container)["RestartCount"] > before["RestartCount"], what)


def _is_settled(container: str) -> bool:
    now = inspect(container)
    started = datetime.fromisoformat(now["State"]["StartedAt"]).timestamp()
    return not now["RestartCount"] or started < time.time() - SETTLED_SECONDS
