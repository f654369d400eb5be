"""The leader sleeps, or the network between nodes fails."""

import time
from contextlib import ExitStack

import pytest

from tests.chaos import faults
from tests.chaos.trial import Limits, Trial
from tests.real.engine import docker, eventually

SLEEP_SECONDS = 60
LOSS = 0.05
LOSSY_SECONDS = 20
# A leader that nobody hears is replaced when its key has expired, as one that is gone.
SILENT = Limits(no_write_seconds=25, failed_in_flight=True)


def test_the_leader_sleeps(trial: Trial) -> None:
    """Another one leads when it wakes up, and it accepts nothing any more."""
    cluster = trial.cluster
    leader = cluster.leader()
    asleep = time.monotonic()

    def wake_up() -> None:
        eventually(lambda: time.monotonic() > asleep + SLEEP_SECONDS, "it has slept long enough", SLEEP_SECONDS + 5)
        docker("unpause", cluster.container(leader))
        assert not faults.writes(cluster, leader)

    trial.run(lambda: docker("pause", cluster.container(leader)), SILENT, heal=wake_up)
    assert cluster.leader() != leader


@pytest.mark.parametrize("others", ["everything", "etcd", "standbys"])
def test_the_leader_is_cut_off(trial: Trial, others: str) -> None:
    """From everything: another one leads. From etcd or the standbys only: it goes on."""
    cluster = trial.cluster
    leader = cluster.leader()
    standbys = [node for node in cluster.tier("postgres") if node != leader]
    peers = {"etcd": cluster.tier("etcd"), "standbys": standbys}
    peers["everything"] = [*peers["etcd"], *standbys, *cluster.tier("tomcat")]
    with ExitStack() as cut:
        trial.run(
            lambda: cut.enter_context(faults.cut_off(cluster, leader, peers[others])),
            SILENT,
            heal=cut.close,
        )


def test_packets_are_lost(trial: Trial) -> None:
    """One in twenty, between all nodes: slower, but nothing fails."""
    cluster = trial.cluster
    nodes = [node for tier in ("etcd", "postgres", "tomcat", "balancer") for node in cluster.tier(tier)]

    def lose_some() -> None:
        until = time.monotonic() + LOSSY_SECONDS
        with faults.lossy(cluster, nodes, LOSS):
            eventually(lambda: time.monotonic() > until, "it has lasted long enough", LOSSY_SECONDS + 5)

    trial.run(lose_some, Limits())
