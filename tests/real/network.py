"""The network of a stack's containers fails, by rules of iptables in their own network namespaces."""

import subprocess
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager

from tests.real.cluster import Cluster
from tests.real.engine import inspect


def cut_off(cluster: Cluster, node: str, others: Sequence[str]) -> AbstractContextManager[None]:
    """No packet passes between a node and these others."""
    drops = [
        [chain, side, cluster.address(other), "-j", "DROP"]
        for other in others
        for chain, side in (("INPUT", "-s"), ("OUTPUT", "-d"))
    ]
    return rules(cluster, node, drops)


@contextmanager
def rules(cluster: Cluster, node: str, wanted: Sequence[Sequence[str]]) -> Iterator[None]:
    """Rules in a node's namespace, which has them for as long as its container lives."""
    within = in_network_of(cluster, node)

    def apply(how: str) -> None:
        for rule in wanted:
            subprocess.run([*within, "iptables", "--wait", how, *rule], check=how == "-A", capture_output=True)

    apply("-A")
    try:
        yield
    finally:
        apply("-D")


def met(cluster: Cluster, node: str, address: str = "") -> int:
    """How many packets the rules in a node's namespace have met; of those for one address, if it is given."""
    command = [*in_network_of(cluster, node), "iptables", "-nvxL"]
    lines = subprocess.run(command, check=True, capture_output=True, text=True).stdout.splitlines()
    found = [line.split() for line in lines if not address or address in line.split()]
    return sum(int(words[0]) for words in found if words and words[0].isdigit())


def in_network_of(cluster: Cluster, node: str) -> list[str]:
    """Words before a command of this machine that is to run in a node's network namespace."""
    return ["nsenter", "--target", str(inspect(cluster.container(node))["State"]["Pid"]), "--net"]
