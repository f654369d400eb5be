"""Balancers die; the address that they share goes to one that lives."""

import signal
from collections.abc import Callable

import pytest

from tests.chaos import faults
from tests.chaos.limits import BALANCER_GONE, BALANCER_HANGS, UNNOTICED, Limits
from tests.chaos.trial import Trial
from tests.real.engine import docker, eventually
from tests.real.processes import restarts, signal_process, signal_processes


def moves(
    trial: Trial, fault: Callable[[str], object], limits: Limits, heal: Callable[[], object] | None = None
) -> None:
    """Break the balancer with the address; another one has it afterwards."""
    holder = faults.holder(trial.cluster)
    trial.run(lambda: fault(holder), limits, heal)
    assert faults.holder(trial.cluster) != holder


@pytest.mark.short
def test_the_balancer_with_the_address_is_killed(trial: Trial) -> None:
    """Open connections end; the other one has the address within a second."""
    with restarts(trial.cluster.container(faults.holder(trial.cluster)), "the engine starts it again"):
        moves(trial, lambda holder: faults.crash(trial.cluster, holder), BALANCER_GONE)


def test_the_balancer_with_the_address_is_gone_for_good(trial: Trial) -> None:
    """`pulumi up` makes it again; the address stays where it is by then."""
    moves(trial, lambda holder: faults.remove(trial.cluster, holder), BALANCER_GONE, heal=trial.cluster.up)


def test_keepalived_is_killed(trial: Trial) -> None:
    """On the balancer with the address: its container ends with it."""
    with restarts(trial.cluster.container(faults.holder(trial.cluster)), "the engine starts it again"):
        moves(trial, lambda holder: signal_process(trial.cluster, holder, "keepalived"), BALANCER_GONE)


def test_a_balancer_without_the_address_is_killed(trial: Trial) -> None:
    """Nobody notices."""
    cluster = trial.cluster
    (other,) = set(cluster.tier("balancer")) - {faults.holder(cluster)}
    with restarts(cluster.container(other), "the engine starts it again"):
        trial.run(lambda: faults.crash(cluster, other), UNNOTICED)


def test_the_balancer_with_the_address_hangs(trial: Trial) -> None:
    """NGINX answers no more: its container ends itself, and the address moves."""
    with restarts(trial.cluster.container(faults.holder(trial.cluster)), "its container notices that it hangs"):
        moves(trial, lambda holder: signal_processes(trial.cluster, holder, "nginx", signal.SIGSTOP), BALANCER_HANGS)


def test_keepalived_hangs(trial: Trial) -> None:
    """On the balancer with the address: both have it, until that one's container is restarted."""
    cluster = trial.cluster
    holder = faults.holder(cluster)
    others = set(cluster.tier("balancer")) - {holder}

    def restart() -> None:
        eventually(lambda: others <= set(cluster.holders(cluster.settings["balancer.virtualIp"])), "another one has it")
        docker("restart", cluster.container(holder))

    trial.run(lambda: signal_processes(cluster, holder, "keepalived", signal.SIGSTOP), BALANCER_GONE, heal=restart)
    assert faults.holder(cluster) in others
