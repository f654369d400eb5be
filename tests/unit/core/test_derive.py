"""Settings -> topology, sizes and names: what must stay the same for ever."""

from ipaddress import IPv4Network

import pytest

from core.bundle import bundle
from core.derive import POSTGRES_NODES_MAX, default_subnet, heap_mib, topology
from core.model import Settings
from core.naming import Names
from tests.support.files import unbundled
from tests.support.stacks import NAMES

LARGEST = {
    "etcd": {"members": 5},
    "postgres": {"replicas": 4},
    "tomcat": {"nodes": 20},
    "network": {"subnet": "10.200.1.0/24"},
}


def test_the_largest_stack_fits_into_its_subnet() -> None:
    """No two nodes share an address, and none lies where steps get theirs."""
    layout = topology(Settings.model_validate(LARGEST), NAMES)
    addresses = [node.address for node in layout.nodes]
    assert len(set(addresses)) == len(addresses) == 5 + 5 + 20 + 1
    assert not [address for address in addresses if IPv4Network(address).subnet_of(IPv4Network(layout.step_range))]
    assert tuple(node.address for node in layout.postgres) == layout.listed_postgres_addresses


def test_growing_moves_nobody() -> None:
    """A further node changes no address of the others."""
    small, large = topology(Settings(), NAMES), topology(Settings.model_validate({**LARGEST, "network": {}}), NAMES)
    assert set(small.nodes) <= set(large.nodes)
    assert small.postgres_places[:2] == large.postgres_places[:2]
    assert len(small.postgres_places) == POSTGRES_NODES_MAX
    assert small.balancer_places == large.balancer_places


def test_a_second_replica_leaves_the_tomcats_alone() -> None:
    """Their JDBC list has its address already."""
    small, larger = (topology(Settings.model_validate({"postgres": {"replicas": n}}), NAMES) for n in (1, 2))
    assert small.listed_postgres_addresses == larger.listed_postgres_addresses


def test_the_first_database_node_is_born_as_primary() -> None:
    """And only that one."""
    assert [node.role for node in topology(Settings(), NAMES).postgres] == ["primary", "replica"]


def test_the_default_subnet_is_the_same_on_every_run() -> None:
    """Another one would replace the network, and with it every container: this value is locked."""
    assert str(default_subnet(Names("cyclos", "test"))) == "10.247.72.0/24"


def test_stacks_have_subnets_of_their_own() -> None:
    """Private ones, and rarely the same."""
    subnets = {default_subnet(Names("cyclos", f"stack-{number}")) for number in range(100)}
    assert len(subnets) > 95
    assert all(subnet.is_private for subnet in subnets)


@pytest.mark.parametrize(("memory", "heap"), [(500, 280), (1024, 768), (4096, 3072)])
def test_the_heap_leaves_room_for_the_rest_of_the_jvm(memory: int, heap: int) -> None:
    """Three quarters, but never less than the rest needs."""
    assert heap_mib(memory) == heap


def test_names_tell_whose_they_are() -> None:
    """Project and stack come first, so that two stacks never meet."""
    names = Names("cyclos", "dev")
    assert names.physical("postgres-1-data") == "cyclos-dev-postgres-1-data"
    assert names.labels(tier="postgres", node="postgres-1") == {
        "cyclos.stack": "cyclos-dev",
        "cyclos.tier": "postgres",
        "cyclos.node": "postgres-1",
    }


def test_a_bundle_holds_its_files_and_is_always_the_same() -> None:
    """Its text decides whether a push runs again."""
    files = {"/etc/b": "b\n", "/etc/a": ""}
    assert unbundled(bundle(files)) == files
    assert bundle(files) == bundle(dict(reversed(files.items())))
    assert "\n" not in bundle(files)
