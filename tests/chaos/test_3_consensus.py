"""The consensus store loses members."""

from dataclasses import replace

import pytest
from requests import codes

from tests.chaos import faults
from tests.chaos.limits import CUT_SECONDS, REFUSED, REFUSED_AFTER_CRASH, REFUSING_SECONDS, UNNOTICED
from tests.chaos.trial import Trial
from tests.real.cluster import Cluster
from tests.real.engine import docker
from tests.real.processes import restarts

OWN = ("client", "--endpoints=https://127.0.0.1:2379")
MEMBERS, STATUS = (*OWN, "member", "list"), (*OWN, "endpoint", "status")


def leads_consensus(cluster: Cluster, member: str) -> bool:
    """Whether the other members follow this one."""
    return "true" in cluster.execute(member, *STATUS).split(", ")[4]


@pytest.mark.parametrize("role", ["leading", "following"])
def test_a_member_is_gone(trial: Trial, role: str) -> None:
    """With its data; `pulumi up` makes it again, and it joins as a new one."""
    cluster = trial.cluster
    members = trial.victims("etcd")
    member = next(one for one in members if leads_consensus(cluster, one) == (role == "leading"))
    other = next(one for one in members if one != member)
    before = cluster.execute(other, *MEMBERS).splitlines()
    trial.run(lambda: cluster.lose(member), UNNOTICED, heal=cluster.up)
    after = cluster.execute(other, *MEMBERS).splitlines()
    assert len(after) == len(before)
    assert len(set(after) - set(before)) == 1, "one is another member"


def test_a_member_crashes(trial: Trial) -> None:
    """The engine starts it again."""
    cluster = trial.cluster
    member, *_ = trial.victims("etcd")
    with restarts(cluster.container(member), "the engine starts it again"):
        trial.run(lambda: faults.crash(cluster, member), replace(UNNOTICED, redundancy_seconds=30))


def test_a_member_hangs(trial: Trial) -> None:
    """The leading one: another one takes its part."""
    cluster = trial.cluster
    member = next(one for one in cluster.tier("etcd") if leads_consensus(cluster, one))
    container = cluster.container(member)
    trial.run(
        lambda: docker("pause", container),
        UNNOTICED,
        heal=lambda: docker("unpause", container),
        hold_seconds=CUT_SECONDS,
    )
    assert not leads_consensus(cluster, member)


def test_the_quorum_is_lost_and_comes_back(trial: Trial) -> None:
    """The leader goes on as long as it reaches all other nodes; none of them could lead beside it."""
    cluster = trial.cluster
    leader = cluster.leader()
    most = [cluster.container(node) for node in trial.victims("etcd")[:2]]

    def mend() -> None:
        assert cluster.leader() == leader
        docker("start", *most)

    trial.run(lambda: docker("kill", *most), UNNOTICED, heal=mend, hold_seconds=CUT_SECONDS)
    assert cluster.leader() == leader


@pytest.mark.parametrize("role", ["standby", "leader"])
def test_the_quorum_and_a_node_are_lost(trial: Trial, role: str) -> None:
    """Nobody can know whether the silent node leads by now, so all refuse writes until the quorum is back."""
    cluster = trial.cluster
    gone = cluster.standby() if role == "standby" else cluster.leader()
    living = [node for node in cluster.tier("postgres") if node != gone]
    lost = [cluster.container(node) for node in (*trial.victims("etcd")[:2], gone)]

    def mend() -> None:
        faults.assert_refuse(cluster, living)
        docker("start", *lost)

    limits, hold_seconds = {
        "standby": (REFUSED, REFUSING_SECONDS),
        "leader": (REFUSED_AFTER_CRASH, CUT_SECONDS),
    }[role]
    requests = trial.run(lambda: docker("kill", *lost), limits, heal=mend, hold_seconds=hold_seconds)
    if role == "standby":
        assert any(request.status == codes.unavailable for request in requests), "no client was refused"
