"""The leader sleeps, or the network between nodes fails."""

import time
from contextlib import ExitStack

import pytest

from tests.chaos import faults
from tests.chaos.limits import CUT_SECONDS, GONE, STANDBYS_SILENT, UNNOTICED, Limits
from tests.chaos.trial import Trial
from tests.real.cluster import PSQL
from tests.real.engine import PATIENCE_SECONDS, docker, wait_since
from tests.real.network import cut_off, met
from tests.real.under_way import client

SLEEP_SECONDS = 60
# One after the other, in one session, until it ends; when each one began that was confirmed.
WRITES = """
    SELECT date_part('epoch', now()), left('written' || pg_logical_emit_message(true, '', ''), 7) \\watch 0.05
"""
BOUNDED = ("timeout", "300")
LOSS = 0.05
LATE_MILLISECONDS = 200
# A write crosses the network at least twice: to the balancer, and to whoever is behind it.
LATE_WRITE_SECONDS = 0.4
BAD_SECONDS = 20
BAD_REQUEST_SECONDS = 30


def test_the_leader_sleeps(trial: Trial) -> None:
    """Another one leads when it wakes up, and it accepts nothing any more, from a session of before neither."""
    cluster = trial.cluster
    leader = cluster.leader()
    container = cluster.container(leader)
    awake = []

    def wake_up() -> None:
        awake.append(time.time())
        docker("unpause", container)
        assert not faults.writes(cluster, leader, until=lambda: cluster.succeeds(leader, "streams"))

    with client("docker", "exec", "--interactive", container, *BOUNDED, *PSQL, "-At") as session:
        assert session.stdin
        session.stdin.write(WRITES)
        session.stdin.flush()
        trial.run(lambda: docker("pause", container), GONE, heal=wake_up, hold_seconds=SLEEP_SECONDS)
        confirmed, _ = session.communicate(timeout=PATIENCE_SECONDS)
    begun = [float(line.removesuffix("|written")) for line in confirmed.splitlines() if line.endswith("|written")]
    assert begun
    assert max(begun) < awake[0], "it confirmed what it was asked when it was awake again"
    assert cluster.leader() != leader


@pytest.mark.parametrize("others", ["everything", "etcd", "standbys"])
def test_the_leader_is_cut_off(trial: Trial, others: str) -> None:
    """From everything: it gives up, another one leads. From etcd or the standbys only: it goes on."""
    cluster = trial.cluster
    leader = cluster.leader()
    standbys = [node for node in cluster.tier("postgres") if node != leader]
    peers = {"etcd": cluster.tier("etcd"), "standbys": standbys}
    peers["everything"] = [*peers["etcd"], *standbys, *cluster.tier("tomcat")]
    with ExitStack() as cut:

        def mend() -> None:
            for other in peers[others]:
                assert met(cluster, leader, cluster.address(other)), (
                    f"nothing passed between {leader} and {other} anyway"
                )
            if others == "everything":
                faults.assert_refuse(cluster, [leader])
            else:
                assert cluster.leader() == leader
            cut.close()

        trial.run(
            lambda: cut.enter_context(cut_off(cluster, leader, peers[others])),
            {"everything": GONE, "etcd": UNNOTICED, "standbys": STANDBYS_SILENT}[others],
            heal=mend,
            hold_seconds=CUT_SECONDS,
        )
    assert (cluster.leader() == leader) == (others != "everything")


@pytest.mark.parametrize("fate", ["lost", "late"])
def test_packets_are(trial: Trial, fate: str) -> None:
    """One in twenty lost, or each a fifth of a second late, between all nodes: slower, but nothing fails."""
    cluster = trial.cluster
    leader = cluster.leader()
    tiers = {tier: cluster.tier(tier) for tier in ("etcd", "postgres", "tomcat", "balancer")}
    nodes = [node for tier in tiers.values() for node in tier]
    bad = faults.lossy(cluster, nodes, LOSS) if fate == "lost" else faults.late(cluster, nodes, LATE_MILLISECONDS)
    lasted = []

    def suffer() -> None:
        with bad:
            since = time.monotonic()
            wait_since(since, BAD_SECONDS)
            lasted.extend([since, time.monotonic()])
            # Of a single node it may be none: a balancer without users gets eighty packets meanwhile.
            spared = [tier for tier, members in tiers.items() if not any(met(cluster, node) for node in members)]
            assert not spared, f"no packet of these had a hard time: {spared}"

    requests = trial.run(suffer, Limits(longest_request_seconds=BAD_REQUEST_SECONDS))
    assert cluster.leader() == leader
    if fate == "late":
        since, until = lasted
        took = [one.ended - one.begun for one in requests if one.acknowledged and since < one.begun < one.ended < until]
        assert min(took) > LATE_WRITE_SECONDS, "a write took no longer than usual: nothing made it late"
