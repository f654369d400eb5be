"""Changes that a stack which holds data cannot take."""

from core.changes import problems
from core.engine import Container, Engine, Network
from tests.support.stacks import stack_of

ETCD = ("etcd-1-data", "etcd-2-data", "etcd-3-data", "etcd-4-data", "etcd-5-data")


def said(members: int, made: int, *, born: bool = True, subnet: str = "10.200.1.0/24", was: str = "") -> str:
    """What is said to a stack with `made` etcd volumes in the subnet `was`, when it is now to have these settings."""
    stack = stack_of({"etcd": f'{{"members": {members}}}', "network": f'{{"subnet": "{subnet}"}}'})
    name = stack.names.physical
    engine = Engine(
        containers={name("postgres-1-container"): Container("cyclos-test", running=True)} if born else {},
        volumes={name(volume): "cyclos-test" for volume in ETCD[:made]},
        networks={name("network"): Network("cyclos-test", was or subnet)},
    )
    return "\n".join(map(str, problems(stack.settings, stack.names, stack.topology, engine)))


def test_members_come_with_the_stack() -> None:
    """One told to be three would still be alone, and the others could not join it."""
    assert said(3, 1) == (
        "  etcd.members: 3 given; this stack was made with 1, and members cannot be added or removed while it "
        "holds data\n      cure: pulumi config set --path etcd.members 1"
    )
    assert "this stack was made with 3" in said(1, 3)


def test_the_same_number_and_a_lost_member_are_no_change() -> None:
    """A lost volume is made again; that the member finds its way back is another matter."""
    assert said(3, 3) == said(3, 2) == said(5, 4) == ""


def test_before_its_birth_a_stack_may_become_anything() -> None:
    """An `up` that was cut off may be continued with other settings."""
    assert said(3, 1, born=False) == ""


def test_members_stay_where_they_are() -> None:
    """A lone one finds itself anywhere."""
    assert said(3, 3, was="10.200.2.0/24") == (
        '  network.subnet: "10.200.1.0/24" given; this stack was made in 10.200.2.0/24, where its etcd members '
        "expect each other\n      cure: pulumi config set --path network.subnet 10.200.2.0/24"
    )
    assert said(1, 1, was="10.200.2.0/24") == said(3, 3) == ""
