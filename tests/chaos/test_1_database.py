"""The database loses processes and nodes."""

import signal
import time
from contextlib import ExitStack
from dataclasses import replace

import pytest

from tests.chaos import faults
from tests.chaos.limits import (
    CRASH,
    CUT_SECONDS,
    FULL_AND_HANGING,
    FULL_AT_ONCE,
    GONE,
    PATRONI_HANGS,
    PLANNED,
    POSTGRES_HANGS,
    REFUSED_AFTER_CRASH,
    STANDBYS_GONE,
    UNNOTICED,
)
from tests.chaos.trial import HEAL_SECONDS, STEADY_SECONDS, Trial
from tests.real.cluster import STARTED
from tests.real.engine import docker, eventually, log_of
from tests.real.processes import restarts, signal_process, signal_processes

# For a few segments of WAL; the bites in which it fills; and who looks for room every three seconds.
ROOM_MIB, SLOWLY, AT_ONCE, LOOKS_FOR_ROOM = 200, "4M", "1G", "make-way"
# A process of the server for one of them.
A_CLIENT = " cyclos cyclos4 "
SWITCH_OVER = ("bash", "-c", '. /usr/local/bin/common.sh; switch_over "$(hostname)"')


@pytest.mark.short
def test_postgres_is_killed(trial: Trial) -> None:
    """Patroni starts it again; whether it or a standby leads then is Patroni's business."""
    cluster = trial.cluster
    leader = cluster.leader()
    before = cluster.sql(leader, STARTED)
    trial.run(lambda: signal_process(cluster, leader, "/postgres "), CRASH)
    assert cluster.sql(leader, STARTED) != before


def test_patroni_is_killed(trial: Trial) -> None:
    """Its container ends with it, and the engine starts it again."""
    cluster = trial.cluster
    leader = cluster.leader()
    with restarts(cluster.container(leader), "the engine starts it again"):
        trial.run(lambda: signal_process(cluster, leader, "/usr/bin/patroni"), CRASH)


def test_patroni_hangs(trial: Trial) -> None:
    """It cannot renew the leader's key, and hinders nobody from taking it; before that its container kills it."""
    cluster = trial.cluster
    leader = cluster.leader()
    with ExitStack() as until_then:
        until_then.enter_context(restarts(cluster.container(leader), "its container notices that it hangs"))
        trial.run(
            lambda: signal_process(cluster, leader, "/usr/bin/patroni", signal.SIGSTOP),
            PATRONI_HANGS,
            heal=until_then.close,
        )


def test_postgres_hangs(trial: Trial) -> None:
    """Patroni would keep the lead for ever; the container notices, and ends."""
    cluster = trial.cluster
    leader = cluster.leader()
    with ExitStack() as until_then:
        until_then.enter_context(restarts(cluster.container(leader), "its container notices that it hangs"))
        trial.run(lambda: faults.stop_postgres(cluster, leader), POSTGRES_HANGS, heal=until_then.close)


def test_the_leader_does_not_recover(trial: Trial) -> None:
    """PostgreSQL crashed and its recovery goes on and on: a standby leads."""
    cluster = trial.cluster
    leader = cluster.leader()
    trial.run(lambda: faults.hang_in_recovery(cluster, leader), GONE)
    assert cluster.leader() != leader


def test_the_leader_does_not_stop(trial: Trial) -> None:
    """It hands over, but one of its clients' processes hangs: all are killed, and the other one leads."""
    cluster = trial.cluster
    leader, heir = cluster.leader(), cluster.synchronous_standby()

    def hand_over() -> None:
        signal_process(cluster, leader, A_CLIENT, signal.SIGSTOP)
        docker("exec", "--detach", cluster.container(leader), "lead", heir)

    trial.run(hand_over, GONE, heal=lambda: eventually(lambda: cluster.leader() == heir, "the other one leads"))


@pytest.mark.short
def test_the_leaders_container_crashes(trial: Trial) -> None:
    """The engine starts it again."""
    cluster = trial.cluster
    leader = cluster.leader()
    with restarts(cluster.container(leader), "the engine starts it again"):
        trial.run(lambda: faults.crash(cluster, leader), CRASH)


@pytest.mark.short
def test_the_leader_is_gone_for_good(trial: Trial) -> None:
    """Container and data; a standby takes over, `pulumi up` makes the node again."""
    cluster = trial.cluster
    heirs = []

    def heal() -> None:
        heirs.append(cluster.leader())
        cluster.up()

    trial.run(lambda: cluster.lose(cluster.leader()), GONE, heal=heal)
    assert heirs == [cluster.leader()], "`up` has changed who leads"


@pytest.mark.short
def test_the_new_leader_is_gone(trial: Trial) -> None:
    """With its data, as soon as it has confirmed a transfer: by then another one had it, too, and leads."""
    cluster = trial.cluster
    former = cluster.leader()

    def lose_the_next_one() -> None:
        docker("exec", "--detach", cluster.container(former), *SWITCH_OVER)
        eventually(lambda: cluster.leader() != former, "another one leads")
        heir = cluster.leader()
        cluster.sql(heir, "CREATE TABLE IF NOT EXISTS confirmed ()")
        cluster.lose(heir)

    # Clients may find no moment to write between the two.
    limits = replace(GONE, no_write_seconds=GONE.no_write_seconds + PLANNED.no_write_seconds)
    trial.run(lose_the_next_one, limits, heal=cluster.up)
    cluster.sql(cluster.leader(), "DROP TABLE confirmed")


def test_the_synchronous_standby_is_gone(trial: Trial) -> None:
    """Another one confirms in its place."""
    cluster = trial.cluster
    trial.run(lambda: cluster.lose(cluster.synchronous_standby()), UNNOTICED, heal=cluster.up)


def test_the_synchronous_standby_crashes(trial: Trial) -> None:
    """Another one confirms in its place; the engine starts it again."""
    cluster = trial.cluster
    standby = cluster.synchronous_standby()
    with restarts(cluster.container(standby), "the engine starts it again"):
        trial.run(lambda: faults.crash(cluster, standby), replace(UNNOTICED, redundancy_seconds=30))


def test_the_synchronous_standby_hangs(trial: Trial) -> None:
    """Another one confirms in its place."""
    cluster = trial.cluster
    standby = cluster.container(cluster.synchronous_standby())
    trial.run(lambda: docker("pause", standby), UNNOTICED, heal=lambda: docker("unpause", standby))


def test_all_standbys_are_gone_and_come_back(trial: Trial) -> None:
    """The leader goes on alone once it knows; they catch up."""
    cluster = trial.cluster
    leader = cluster.leader()
    standbys = [cluster.container(node) for node in cluster.tier("postgres") if node != leader]
    trial.run(lambda: docker("kill", *standbys), STANDBYS_GONE, heal=lambda: docker("start", *standbys))


def test_the_leader_dies_alone(trial: Trial) -> None:
    """What it confirmed while all standbys were away only it has: none of them leads, however long it is away, too."""
    cluster = trial.cluster
    leader = cluster.leader()
    standbys = [node for node in cluster.tier("postgres") if node != leader]
    away = [cluster.container(node) for node in standbys]
    alone: list[float] = []

    def die_alone() -> None:
        docker("kill", *away)
        eventually(lambda: faults.writes(cluster, leader, until=lambda: True), "it goes on alone")
        since = time.monotonic()
        assert faults.writes(cluster, leader, until=lambda: time.monotonic() > since + STEADY_SECONDS)
        alone.extend([since, time.monotonic()])
        docker("kill", cluster.container(leader))
        docker("start", *away)

    def start_it() -> None:
        faults.assert_refuse(cluster, standbys)
        docker("start", cluster.container(leader))

    requests = trial.run(die_alone, REFUSED_AFTER_CRASH, heal=start_it, hold_seconds=CUT_SECONDS)
    since, until = alone
    assert any(one.acknowledged and since < one.begun < one.ended < until for one in requests), "it confirmed nothing"
    assert cluster.leader() == leader


@pytest.mark.parametrize("role", ["standby", "leader"])
def test_a_data_disk_is_full(trial: Trial, role: str) -> None:
    """A synchronous standby stops, a leader hands over before a transfer fails; with room again, all is well."""
    cluster = trial.cluster
    node = cluster.synchronous_standby()
    with faults.small_volume(cluster, node, ROOM_MIB):
        eventually(trial.whole, "the node with the small disk streams", HEAL_SECONDS)
        if role == "leader":
            cluster.switch_over(node)

        def make_room() -> None:
            assert cluster.leader() != node
            faults.make_room(cluster, node)

        limits = PLANNED if role == "leader" else UNNOTICED
        trial.run(lambda: faults.fill(cluster, node, SLOWLY), limits, heal=make_room)
    eventually(trial.whole, "the node has its former disk again", HEAL_SECONDS)


@pytest.mark.parametrize("processes", ["when_all_end", "when_one_hangs"])
def test_the_leaders_disk_is_full_at_once(trial: Trial, processes: str) -> None:
    """Before it has looked whether there is room: its PostgreSQL crashes, and a standby leads.

    The server waits for a process that hangs. Patroni then takes it for one that starts, at last starts it as a standby
    that has the lead, and begins again whenever it fails as a leader.
    """
    cluster = trial.cluster
    node = cluster.synchronous_standby()
    with faults.small_volume(cluster, node, ROOM_MIB):
        eventually(trial.whole, "the node with the small disk streams", HEAL_SECONDS)
        cluster.switch_over(node)

        def wake() -> None:
            signal_processes(cluster, node, LOOKS_FOR_ROOM, signal.SIGCONT)

        def fill() -> None:
            if processes == "when_one_hangs":
                signal_process(cluster, node, A_CLIENT, signal.SIGSTOP)
            faults.fill(cluster, node, AT_ONCE)
            if processes == "when_one_hangs":
                wake()

        def heal() -> None:
            assert cluster.leader() != node
            assert "PANIC" in log_of(cluster.container(node), "--since", begun), "it did not crash"
            faults.make_room(cluster, node)
            wake()

        begun = str(int(time.time()))
        signal_processes(cluster, node, LOOKS_FOR_ROOM, signal.SIGSTOP)
        trial.run(fill, FULL_AT_ONCE if processes == "when_all_end" else FULL_AND_HANGING, heal=heal)
    eventually(trial.whole, "the node has its former disk again", HEAL_SECONDS)
