"""Application servers die, hang, or run out of memory."""

import signal
from contextlib import ExitStack

import pytest

from tests.chaos import faults
from tests.chaos.audit import ask
from tests.chaos.limits import tomcats_gone
from tests.chaos.load import Kind
from tests.chaos.trial import Trial
from tests.real.engine import eventually
from tests.real.processes import restarts, signal_process


@pytest.mark.short
def test_a_tomcat_is_killed(trial: Trial) -> None:
    """Its users go on elsewhere, with their sessions; the engine starts it again."""
    node, *_ = trial.victims("tomcat")
    with restarts(trial.cluster.container(node), "the engine starts it again"):
        requests = trial.run(lambda: faults.crash(trial.cluster, node), tomcats_gone(node))
    visits = [request for request in requests if request.kind is Kind.SESSION]
    assert any(visit.node == node for visit in visits), "it had users"


def test_two_tomcats_of_three_are_killed(trial: Trial) -> None:
    """The last one has every session. The two may find each other before they find it: one cluster, all the same."""
    cluster = trial.cluster
    two = trial.victims("tomcat")[:2]

    def kill_two() -> None:
        for node in two:
            faults.crash(cluster, node)

    with ExitStack() as both:
        for node in two:
            both.enter_context(restarts(cluster.container(node), "the engine starts it again"))
        trial.run(kill_two, tomcats_gone(*two))
    tomcats = cluster.tier("tomcat")
    eventually(
        lambda: all(ask(cluster, tomcat, "/api/session")["members"] == len(tomcats) for tomcat in tomcats),
        "Cyclos' own cluster is one again",
    )


def test_a_tomcat_is_gone_for_good(trial: Trial) -> None:
    """`pulumi up` makes it again."""
    node, *_ = trial.victims("tomcat")
    trial.run(lambda: faults.remove(trial.cluster, node), tomcats_gone(node), heal=trial.cluster.up)


def test_a_tomcat_hangs(trial: Trial) -> None:
    """It accepts connections and answers nothing, until its container kills it and the engine starts it again."""
    node, *_ = trial.victims("tomcat")
    with restarts(trial.cluster.container(node), "its container notices that it hangs"):
        trial.run(lambda: signal_process(trial.cluster, node, "java", signal.SIGSTOP), tomcats_gone(node))


def test_a_tomcat_runs_out_of_memory(trial: Trial) -> None:
    """The kernel ends it, the engine starts it again."""
    node, *_ = trial.victims("tomcat")
    trial.run(lambda: faults.starve(trial.cluster, node), tomcats_gone(node))
