"""Application servers die, hang, or run out of memory."""

import signal

import pytest

from tests.chaos import faults
from tests.chaos.trial import Limits, Trial

# A transfer that was under way on the node may be asked for again, under the same key; everything else is answered.
GONE = Limits(redundancy_seconds=60, failed_in_flight=True)


@pytest.mark.short
def test_a_tomcat_is_killed(trial: Trial) -> None:
    """Its users go on elsewhere, with their sessions; the engine starts it again."""
    cluster = trial.cluster
    trial.run(lambda: faults.crash(cluster, "tomcat-1"), GONE)


def test_two_tomcats_of_three_are_killed(trial: Trial) -> None:
    """The last one has every session."""
    cluster = trial.cluster

    def kill_two() -> None:
        for node in ("tomcat-1", "tomcat-2"):
            faults.crash(cluster, node)

    trial.run(kill_two, GONE)


def test_a_tomcat_is_gone_for_good(trial: Trial) -> None:
    """`pulumi up` makes it again."""
    cluster = trial.cluster
    trial.run(lambda: faults.remove(cluster, "tomcat-1"), GONE, heal=cluster.up)


def test_a_tomcat_hangs(trial: Trial) -> None:
    """It accepts connections and answers nothing, until its container kills it and the engine starts it again."""
    cluster = trial.cluster
    trial.run(lambda: faults.signal_process(cluster, "tomcat-1", "java", signal.SIGSTOP), GONE)


def test_a_tomcat_runs_out_of_memory(trial: Trial) -> None:
    """The kernel ends it, the engine starts it again."""
    cluster = trial.cluster
    trial.run(lambda: faults.starve(cluster, "tomcat-1"), GONE)
