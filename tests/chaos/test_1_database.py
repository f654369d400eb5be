"""The database loses processes and nodes."""

import pytest

from tests.chaos import faults
from tests.chaos.trial import Limits, Trial

CRASH = Limits(no_write_seconds=4, redundancy_seconds=30, failed_in_flight=True)
GONE = Limits(no_write_seconds=25, failed_in_flight=True)


@pytest.mark.short
def test_postgres_is_killed(trial: Trial) -> None:
    """Patroni starts it again; whether it or a standby leads then is Patroni's business."""
    cluster = trial.cluster
    trial.run(lambda: faults.signal_process(cluster, cluster.leader(), "/postgres "), CRASH)


def test_patroni_is_killed(trial: Trial) -> None:
    """Its container ends with it, and the engine starts it again."""
    cluster = trial.cluster
    trial.run(lambda: faults.signal_process(cluster, cluster.leader(), "/usr/bin/patroni"), CRASH)


@pytest.mark.short
def test_the_leaders_container_crashes(trial: Trial) -> None:
    """The engine starts it again."""
    cluster = trial.cluster
    trial.run(lambda: faults.crash(cluster, cluster.leader()), CRASH)


@pytest.mark.short
def test_the_leader_is_gone_for_good(trial: Trial) -> None:
    """Container and data; a standby takes over, `pulumi up` makes the node again."""
    cluster = trial.cluster
    trial.run(lambda: faults.remove(cluster, cluster.leader(), data=True), GONE, heal=cluster.up)


def test_the_synchronous_standby_is_gone(trial: Trial) -> None:
    """Another one takes its part before the next write is acknowledged."""
    cluster = trial.cluster
    trial.run(lambda: faults.remove(cluster, cluster.synchronous_standby(), data=True), GONE, heal=cluster.up)
