"""What can go wrong, done to real containers. Nothing here repairs, but for what a `with` undoes at its end."""

import os
import signal
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from tests.real.cluster import Cluster
from tests.real.engine import docker, inspect


def processes(cluster: Cluster, node: str, words: str) -> list[int]:
    """The engine's machine's numbers of a node's processes whose command line holds these words, oldest first."""
    rows = docker("top", cluster.container(node), "-eo", "pid,args").splitlines()[1:]
    return [int(row.split()[0]) for row in rows if words in row.split(maxsplit=1)[1]]


def signal_process(cluster: Cluster, node: str, words: str, number: signal.Signals = signal.SIGKILL) -> None:
    """Send a signal to the oldest process of a node whose command line holds these words."""
    found = processes(cluster, node, words)
    assert found, f"{node} runs no {words}"
    os.kill(found[0], number)


def crash(cluster: Cluster, node: str) -> None:
    """Kill every process of a node's container from within its machine: the engine starts it again."""
    os.kill(int(inspect(cluster.container(node))["State"]["Pid"]), signal.SIGKILL)


def remove(cluster: Cluster, node: str, *, data: bool = False) -> None:
    """Take a node away for good; with its data, if it has any."""
    docker("rm", "--force", cluster.container(node))
    if data:
        docker("volume", "rm", "--force", f"{cluster.label}-{node}-data")


@contextmanager
def cut_off(cluster: Cluster, node: str, others: Sequence[str]) -> Iterator[None]:
    """No packet passes between a node and these others."""
    rules = [
        [chain, side, cluster.address(other), "-j", "DROP"]
        for other in others
        for chain, side in (("INPUT", "-s"), ("OUTPUT", "-d"))
    ]
    with _rules(cluster, node, rules):
        yield


@contextmanager
def lossy(cluster: Cluster, nodes: Sequence[str], share: float) -> Iterator[None]:
    """Each of these nodes loses this share of the packets that reach it."""
    rule = ["INPUT", "-i", "eth0", "-m", "statistic", "--mode", "random", "--probability", str(share), "-j", "DROP"]
    if not nodes:
        yield
        return
    with _rules(cluster, nodes[0], [rule]), lossy(cluster, nodes[1:], share):
        yield


@contextmanager
def _rules(cluster: Cluster, node: str, rules: Sequence[Sequence[str]]) -> Iterator[None]:
    """Rules of iptables in the container's own network namespace, which has them for as long as it lives."""
    process = str(inspect(cluster.container(node))["State"]["Pid"])

    def apply(how: str) -> None:
        for rule in rules:
            command = ["nsenter", "--target", process, "--net", "iptables", "--wait", how, *rule]
            subprocess.run(command, check=how == "-A", capture_output=True)

    apply("-A")
    try:
        yield
    finally:
        apply("-D")
