"""The leader sleeps, or the network between nodes fails."""

import time
from contextlib import ExitStack

import pytest

from tests.chaos import faults
from tests.chaos.trial import Limits, Trial
from tests.real.engine import docker, eventually

SLEEP_SECONDS = 60
LOSS = 0.05
LATE_MILLISECONDS = 200
BAD_SECONDS = 20
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


@pytest.mark.parametrize("fate", ["lost", "late"])
def test_packets_are(trial: Trial, fate: str) -> None:
    """One in twenty lost, or each a fifth of a second late, between all nodes: slower, but nothing fails."""
    cluster = trial.cluster
    leader = cluster.leader()
    nodes = [node for tier in ("etcd", "postgres", "tomcat", "balancer") for node in cluster.tier(tier)]
    bad = faults.lossy(cluster, nodes, LOSS) if fate == "lost" else faults.late(cluster, nodes, LATE_MILLISECONDS)

    def suffer() -> None:
        until = time.monotonic() + BAD_SECONDS
        with bad:
            eventually(lambda: time.monotonic() > until, "it has lasted long enough", BAD_SECONDS + 5)

    trial.run(suffer, Limits())
    assert cluster.leader() == leader
