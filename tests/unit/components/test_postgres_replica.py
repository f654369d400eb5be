"""A hot standby."""

import pytest

from core.engine import Container, Engine, Network
from tests.support.files import unbundled
from tests.support.stacks import Deployed, deployed, stack_of


def test_the_seed_gets_the_replication_password_only(production: Deployed) -> None:
    """A copy needs no superuser."""
    for number in (2, 3):
        files = unbundled(production.recording[f"postgres-{number}-seed"].inputs["stdin"])
        assert files == {"/secrets/replicator": "generated-password-replicator"}


@pytest.mark.parametrize(("number", "others"), [(2, "20 22 23 24"), (3, "20 21 23 24")])
def test_it_copies_from_whoever_leads(production: Deployed, number: int, others: str) -> None:
    """The first primary may long have been a standby: all other nodes are asked, even those yet to come."""
    words = production.recording[f"postgres-{number}-seed"].inputs["create"].split()
    assert ",".join(f"10.200.1.{host}" for host in others.split()) in words
    assert f"10.200.1.2{number - 1}" not in " ".join(words), "it would copy from itself"


def test_a_new_one_waits_only_for_the_first_node(production: Deployed) -> None:
    """There is nothing to copy before."""
    components = production.recording.of("cyclos:postgres_replica:PostgresReplica")
    assert [component.name for component in components] == ["postgres-2", "postgres-3"]
    for component in components:
        assert {name.rpartition("-")[0] for name in component.options.depends_on} == {"postgres-1"}


def test_one_with_data_waits_for_nobody() -> None:
    """When everything is dead and the first volume is lost, the copy of it can only come from here."""
    engine = Engine(volumes={"cyclos-test-postgres-2-data": "cyclos-test"}, asked_at="2026-01-02T03:04:05+00:00")
    recording = deployed(stack_of({}, engine=engine)).recording
    assert list(recording.component("postgres-2").options.depends_on) == []
    assert recording["postgres-1-seed"].inputs["triggers"][-1] == engine.asked_at, "a new life"
    assert list(recording["postgres-2-seed"].options.ignore_changes) == ["triggers[2]"]


def test_it_has_a_volume_of_its_own(production: Deployed) -> None:
    """Two servers on one directory destroy it."""
    mounted = [
        production.recording[f"postgres-{number}-container"].inputs["volumes"][0]["volumeName"] for number in (1, 2, 3)
    ]
    assert mounted == [f"cyclos-test-postgres-{number}-data" for number in (1, 2, 3)]


def test_living_ones_are_changed_one_after_the_other_the_primary_last() -> None:
    """Two standbys down at once would leave the leader without a synchronous one; each leader on the way hands over."""
    names = [f"cyclos-test-postgres-{number}-container" for number in (1, 2, 3)]
    engine = Engine(containers={name: Container("cyclos-test", running=True) for name in names})
    living = deployed(stack_of({"postgres": '{"replicas": 2}'}, engine=engine)).recording
    before = {number: living.component(f"postgres-{number}").options.depends_on for number in (1, 2, 3)}
    assert not any("ready" in name for name in before[3])
    assert "postgres-3-ready" in before[2]
    assert {"postgres-2-ready", "postgres-3-ready"} <= set(before[1])


@pytest.mark.parametrize("leader", ["postgres-1", "postgres-2", ""])
def test_a_new_one_copies_before_living_ones_change(leader: str) -> None:
    """So the last of them has somebody to hand over to. When nobody leads, that may need a change: they come first."""
    names = [f"cyclos-test-postgres-{number}" for number in (1, 2)]
    engine = Engine(
        containers={f"{name}-container": Container("cyclos-test", running=True) for name in names},
        volumes={f"{name}-data": "cyclos-test" for name in names},
        leader=leader and f"cyclos-test-{leader}-container",
    )
    grown = deployed(stack_of({"postgres": '{"replicas": 2}'}, engine=engine)).recording
    before = {number: set(grown.component(f"postgres-{number}").options.depends_on) for number in (1, 2, 3)}
    assert ("postgres-3-ready" in before[1], "postgres-3-ready" in before[2]) == (leader != "", leader != "")
    assert ({"postgres-1-ready", "postgres-2-ready"} <= before[3]) == (leader == "")
    assert "postgres-2-ready" in before[1], "living ones change in turn"


def test_a_lost_one_copies_when_those_that_start_have_started() -> None:
    """One of them may lead, or the one with the newest data be among them."""
    left = [f"cyclos-test-postgres-{number}" for number in (1, 2)]
    engine = Engine(volumes={f"{name}-data": "cyclos-test" for name in left})
    healed = deployed(stack_of({"postgres": '{"replicas": 2}'}, engine=engine)).recording
    before = {number: set(healed.component(f"postgres-{number}").options.depends_on) for number in (1, 2, 3)}
    assert (before[1], before[2]) == (set(), set())
    assert {"postgres-1-ready", "postgres-2-ready"} <= before[3]


def test_a_lost_one_copies_a_leader_at_once() -> None:
    """Another one that is down may never come back: the leader would stay the only one with the data."""
    left = [f"cyclos-test-postgres-{number}" for number in (1, 3)]
    engine = Engine(
        containers={f"{left[0]}-container": Container("cyclos-test", running=True)},
        volumes={f"{name}-data": "cyclos-test" for name in left},
        leader=f"{left[0]}-container",
    )
    healed = deployed(stack_of({"postgres": '{"replicas": 2}'}, engine=engine)).recording
    before = {number: set(healed.component(f"postgres-{number}").options.depends_on) for number in (1, 2, 3)}
    assert (before[2], before[3]) == (set(), set())
    assert {"postgres-2-ready", "postgres-3-ready"} <= before[1]


def test_a_lost_primary_is_a_lost_node_like_any_other() -> None:
    """The living one may need its change to lead; only then there is somebody to copy."""
    engine = Engine(
        containers={"cyclos-test-postgres-2-container": Container("cyclos-test", running=True)},
        volumes={"cyclos-test-postgres-2-data": "cyclos-test"},
    )
    recording = deployed(stack_of({}, engine=engine)).recording
    assert "postgres-2-ready" in recording.component("postgres-1").options.depends_on
    assert list(recording.component("postgres-2").options.depends_on) == []


def test_a_copy_waits_for_the_consensus_store(production: Deployed) -> None:
    """Before that nobody can lead; a seed that finds no leader gives up."""
    assert "etcd-1-ready" in production.recording["postgres-2-seed"].options.depends_on


def test_in_a_move_to_another_subnet_nobody_waits() -> None:
    """All of them are stopped before one is started; the first one may be a standby that may not lead alone."""
    nodes = {node: f"cyclos-test-{node}" for node in ("postgres-1", "postgres-2")}
    engine = Engine(
        containers={f"{name}-container": Container("cyclos-test", running=True) for name in nodes.values()},
        volumes={f"{name}-data": "cyclos-test" for name in nodes.values()},
        networks={"cyclos-test-network": Network("cyclos-test", "10.9.9.0/24")},
    )
    moving = deployed(stack_of({}, engine=engine)).recording
    assert list(moving.component("postgres-2").options.depends_on) == []
