"""A hot standby."""

import pytest

from core.engine import Container, Engine
from tests.support.files import unbundled
from tests.support.stacks import Deployed, deployed, stack_of


def test_the_seed_gets_the_replication_password_only(production: Deployed) -> None:
    """A copy needs no superuser."""
    for number in (2, 3):
        files = unbundled(production.recording[f"postgres-{number}-seed"].inputs["stdin"])
        assert files == {"/secrets/replicator": "generated-password-replicator"}


@pytest.mark.parametrize(("number", "others"), [(2, (1, 3)), (3, (1, 2))])
def test_it_copies_from_whoever_leads(production: Deployed, number: int, others: tuple[int, ...]) -> None:
    """The first primary may long have been a standby: all other nodes are asked."""
    words = production.recording[f"postgres-{number}-seed"].inputs["create"].split()
    addresses = {node.id: node.address for node in production.stack.topology.postgres}
    assert ",".join(addresses[f"postgres-{other}"] for other in others) in words
    assert addresses[f"postgres-{number}"] not in " ".join(words), "it would copy from itself"


def test_a_new_or_dead_one_waits_only_for_a_leader(production: Deployed) -> None:
    """There is nothing to copy before; and whoever is dead may be the leader that the others wait for."""
    components = production.recording.of("cyclos:postgres_replica:PostgresReplica")
    assert [component.name for component in components] == ["postgres-2", "postgres-3"]
    assert [component.options.depends_on for component in components] == [["postgres-1-settings"]] * 2


def test_it_has_a_volume_of_its_own(production: Deployed) -> None:
    """Two servers on one directory destroy it."""
    mounted = [
        production.recording[f"postgres-{number}-container"].inputs["volumes"][0]["volumeName"] for number in (1, 2, 3)
    ]
    assert mounted == [f"cyclos-test-postgres-{number}-data" for number in (1, 2, 3)]


def test_living_ones_are_changed_one_after_the_other() -> None:
    """Two standbys down at once would leave the leader without a synchronous one."""
    names = [f"cyclos-test-postgres-{number}-container" for number in (1, 2, 3)]
    engine = Engine(containers={name: Container("cyclos-test", running=True) for name in names})
    living = deployed(stack_of({"postgres": '{"replicas": 2}'}, engine=engine))
    second, third = living.recording.of("cyclos:postgres_replica:PostgresReplica")
    assert "postgres-1-ready" in second.options.depends_on
    assert "postgres-2-ready" in third.options.depends_on
