"""Application servers die, hang, or run out of memory."""

import signal

import pytest

from tests.chaos import faults
from tests.chaos.load import Kind
from tests.chaos.trial import POSTS, Limits, Trial


def gone(*nodes: str) -> Limits:
    """A transfer that was under way on one of these may have to be sent again; everything else is answered."""
    return Limits(redundancy_seconds=60, failed_in_flight=POSTS, at_nodes=nodes)


@pytest.mark.short
def test_a_tomcat_is_killed(trial: Trial) -> None:
    """Its users go on elsewhere, with their sessions; the engine starts it again."""
    cluster = trial.cluster
    requests = trial.run(lambda: faults.crash(cluster, "tomcat-1"), gone("tomcat-1"))
    visits = [request for request in requests if request.kind is Kind.SESSION]
    assert any(visit.node == "tomcat-1" for visit in visits), "it had users"


def test_two_tomcats_of_three_are_killed(trial: Trial) -> None:
    """The last one has every session."""
    cluster = trial.cluster
    two = ("tomcat-1", "tomcat-2")

    def kill_two() -> None:
        for node in two:
            faults.crash(cluster, node)

    trial.run(kill_two, gone(*two))


def test_a_tomcat_is_gone_for_good(trial: Trial) -> None:
    """`pulumi up` makes it again."""
    cluster = trial.cluster
    trial.run(lambda: faults.remove(cluster, "tomcat-1"), gone("tomcat-1"), heal=cluster.up)


def test_a_tomcat_hangs(trial: Trial) -> None:
    """It accepts connections and answers nothing, until its container kills it and the engine starts it again."""
    cluster = trial.cluster
    trial.run(lambda: faults.signal_process(cluster, "tomcat-1", "java", signal.SIGSTOP), gone("tomcat-1"))


def test_a_tomcat_runs_out_of_memory(trial: Trial) -> None:
    """The kernel ends it, the engine starts it again."""
    cluster = trial.cluster
    trial.run(lambda: faults.starve(cluster, "tomcat-1"), gone("tomcat-1"))
