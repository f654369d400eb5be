"""A hot standby."""

import pytest

from tests.support.files import unbundled
from tests.support.stacks import Deployed


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


def test_it_waits_for_the_primary(production: Deployed) -> None:
    """There is nothing to copy before; and replicas do not wait for each other."""
    components = production.recording.of("cyclos:postgres_replica:PostgresReplica")
    assert [component.name for component in components] == ["postgres-2", "postgres-3"]
    others = ("postgres-2", "postgres-3")
    for component in components:
        assert "postgres-1-ready" in component.options.depends_on
        assert not [name for name in component.options.depends_on if name.startswith(others)]


def test_it_has_a_volume_of_its_own(production: Deployed) -> None:
    """Two servers on one directory destroy it."""
    mounted = [
        production.recording[f"postgres-{number}-container"].inputs["volumes"][0]["volumeName"] for number in (1, 2, 3)
    ]
    assert mounted == [f"cyclos-test-postgres-{number}-data" for number in (1, 2, 3)]
