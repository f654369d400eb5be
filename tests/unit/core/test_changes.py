"""Changes that a stack which holds data cannot take."""

import pytest

from core.changes import problems
from core.engine import Container, Engine, Network
from tests.support.stacks import stack_of


def said(members: int, made: int, *, left: str = "postgres-1", subnet: str = "10.200.1.0/24", was: str = "") -> str:
    """What is said to a stack made with `made` members in `was`, of which one and `left` exist, if it is to be so."""
    stack = stack_of({"etcd": f'{{"members": {members}}}', "network": f'{{"subnet": "{subnet}"}}'})
    name = stack.names.physical
    member = {name(f"etcd-{made}-container"): Container("cyclos-test", running=True, members=str(made))}
    server = {name(f"{left}-container"): Container("cyclos-test", running=True)} if left else {}
    network = {name("network"): Network("cyclos-test", was or subnet)}
    engine = Engine(containers=member | server, networks=network)
    return "\n".join(map(str, problems(stack.settings, stack.names, stack.topology, engine, {})))


def test_members_come_with_the_stack() -> None:
    """One told to be three would still be alone, and the others could not join it."""
    assert said(3, 1) == (
        "  etcd.members: 3 given; this stack was made with 1, and members cannot be added or removed while it "
        "holds data\n      cure: pulumi config set --path etcd.members 1"
    )
    assert "this stack was made with 3" in said(1, 3)


def test_the_same_number_is_no_change() -> None:
    """Whatever else was lost: how the members find their way back is another matter."""
    assert said(3, 3) == said(5, 5) == ""


def test_members_know_each_other_before_there_is_a_database() -> None:
    """An `up` that was cut off may be continued, but not with other members, nor elsewhere."""
    assert "this stack was made with 1" in said(3, 1, left="")
    assert "this stack was made in 10.200.2.0/24" in said(3, 3, left="", was="10.200.2.0/24")


def test_before_its_first_member_a_stack_may_become_anything() -> None:
    """A network is soon made anew."""
    stack = stack_of({"etcd": '{"members": 3}', "network": '{"subnet": "10.200.1.0/24"}'})
    engine = Engine(networks={stack.names.physical("network"): Network("cyclos-test", "10.200.2.0/24")})
    assert problems(stack.settings, stack.names, stack.topology, engine, {}) == []
    data = Engine(networks=engine.networks, volumes={stack.names.volume("etcd-2"): "cyclos-test"})
    assert "network.subnet" in str(*problems(stack.settings, stack.names, stack.topology, data, {}))


def test_a_stack_that_lost_its_first_node_holds_data_all_the_same() -> None:
    """Another node leads then."""
    assert "this stack was made with 3" in said(1, 3, left="postgres-2")


def test_members_stay_where_they_are() -> None:
    """A lone one finds itself anywhere."""
    assert said(3, 3, was="10.200.2.0/24") == (
        '  network.subnet: "10.200.1.0/24" given; this stack was made in 10.200.2.0/24, where its etcd members '
        "expect each other\n      cure: pulumi config set --path network.subnet 10.200.2.0/24"
    )
    assert said(1, 1, was="10.200.2.0/24") == said(3, 3) == ""


@pytest.mark.parametrize(
    ("disposable", "protected"),
    [("false", True), ("false", False), ("true", True)],
    ids=["protected", "protected from now on", "protected until now"],
)
@pytest.mark.parametrize("left", ["container", "volume"])
def test_protected_data_does_not_go_with_its_replica(disposable: str, protected: bool, left: str) -> None:
    """Pulumi would refuse it in the middle of its work, or not at all."""
    assert leaving(disposable, left, "postgres-3" if protected else "") == (
        "  postgres.replicas: 1 given; would delete the data of postgres-3, which this stack protects until an `up` "
        "with disposable: true\n"
        "      cure: pulumi config set --path postgres.replicas 2; to delete it on purpose: pulumi config set "
        "disposable true, pulumi up, then the number, pulumi up"
    )


@pytest.mark.parametrize("left", ["container", "volume"])
def test_data_that_nothing_protects_goes(left: str) -> None:
    """The volumes that stay may be anything."""
    assert leaving("true", left, "postgres-2") == ""


def leaving(disposable: str, left: str, protected: str) -> str:
    """What is said when of three nodes, the last of which has only this left, two are to stay; one is protected."""
    stack = stack_of({"postgres": '{"replicas": 1}', "disposable": disposable})
    nodes = ("postgres-1", "postgres-2", "postgres-3") if left == "container" else ("postgres-1", "postgres-2")
    engine = Engine(
        containers={stack.names.container(node): Container("cyclos-test", running=True) for node in nodes},
        volumes={stack.names.volume("postgres-3"): "cyclos-test"} if left == "volume" else {},
    )
    state = {stack.names.volume(protected): stack.names.provider(stack.settings.engine.host)}
    return "\n".join(map(str, problems(stack.settings, stack.names, stack.topology, engine, state)))
