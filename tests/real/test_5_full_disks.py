"""No node has room on its disk. What happens when only the leader's is full is for the chaos suite."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.real.client import Browser
from tests.real.cluster import Cluster
from tests.real.engine import docker, eventually, log_of

FREE_SPACE = "/usr/local/bin/df"
HANDED_OVER = "so another node leads"
# Each node looks every three seconds.
LOOKS_AGAIN_SECONDS = 8


@contextmanager
def no_room(cluster: Cluster, nodes: Sequence[str], folder: Path) -> Iterator[None]:
    """These nodes find their disks full."""
    full = folder / "df"
    full.write_text("#!/bin/sh\necho Avail 0\n")
    full.chmod(0o755)
    for node in nodes:
        docker("cp", str(full), f"{cluster.container(node)}:{FREE_SPACE}")
    try:
        yield
    finally:
        for node in nodes:
            docker("exec", "--user", "root", cluster.container(node), "rm", FREE_SPACE)


def test_the_lead_goes_round_once(restless: Cluster, tmp_path: Path) -> None:
    """Then it stays: nobody has more room, and each move would keep writers waiting."""
    nodes = restless.tier("postgres")

    def moves() -> list[int]:
        return [log_of(restless.container(node)).count(HANDED_OVER) for node in nodes]

    before = moves()
    once = [number + 1 for number in before]
    with no_room(restless, nodes, tmp_path):
        eventually(lambda: moves() == once, "each node has handed over")
        with pytest.raises(AssertionError):
            eventually(lambda: moves() != once, "it goes round again", LOOKS_AGAIN_SECONDS)
        browser = Browser(restless)
        browser.login("frank")
        assert browser.transfer("grace", "1.00", "without-room").status_code == 201
