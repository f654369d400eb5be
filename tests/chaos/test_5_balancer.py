"""Balancers die; the address that they share goes to one that lives."""

import signal

import pytest

from tests.chaos import faults
from tests.chaos.trial import Limits, Trial

MOVED = Limits(no_write_seconds=3, open_connections=True)


@pytest.mark.short
def test_the_balancer_with_the_address_is_killed(trial: Trial) -> None:
    """Open connections end; the other one has the address within a second."""
    cluster = trial.cluster
    trial.run(lambda: faults.crash(cluster, faults.holder(cluster)), MOVED)


def test_the_balancer_with_the_address_is_gone_for_good(trial: Trial) -> None:
    """`pulumi up` makes it again; the address stays where it is by then."""
    cluster = trial.cluster
    trial.run(lambda: faults.remove(cluster, faults.holder(cluster)), MOVED, heal=cluster.up)


def test_a_balancer_without_the_address_is_killed(trial: Trial) -> None:
    """Nobody notices."""
    cluster = trial.cluster
    (other,) = set(cluster.tier("balancer")) - {faults.holder(cluster)}
    trial.run(lambda: faults.crash(cluster, other), Limits(no_write_seconds=3))


def test_the_balancer_with_the_address_hangs(trial: Trial) -> None:
    """NGINX answers no more: its container ends itself, and the address moves."""
    cluster = trial.cluster
    holder = faults.holder(cluster)

    def stop() -> None:
        for process in faults.processes(cluster, holder, "nginx"):
            faults.send(process, signal.SIGSTOP)

    trial.run(stop, Limits(no_write_seconds=10, open_connections=True))
