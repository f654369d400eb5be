"""The consensus tier."""

from core.engine import Container, Engine
from tests.support.files import files_of_node
from tests.support.stacks import Deployed, deployed, stack_of


def test_every_member_knows_all_members(production: Deployed) -> None:
    """A cluster forms only when all of them agree on who they are."""
    members = production.stack.topology.etcd
    for member in members:
        text = files_of_node(production.recording, member.id)["/etc/etcd/etcd.yml"]
        for other in members:
            assert f"{other.id}=https://{other.address}:2380" in text


def test_members_start_together(production: Deployed) -> None:
    """One alone has no quorum, so that none may wait for another's gate."""
    for member in production.stack.topology.etcd:
        assert list(production.recording.component(member.id).options.depends_on) == []


def test_living_members_are_changed_one_after_the_other() -> None:
    """The others keep the quorum; a dead one waits for nobody."""
    containers = {f"cyclos-test-etcd-{n}-container": Container("cyclos-test", running=n < 3) for n in (1, 2, 3)}
    made = deployed(stack_of({"etcd": '{"members": 3}'}, engine=Engine(containers=containers))).recording
    assert "etcd-1-ready" in made.component("etcd-2").options.depends_on
    assert list(made.component("etcd-3").options.depends_on) == []


def test_the_volume_is_where_etcd_writes(default: Deployed) -> None:
    """Without it every restart would forget who leads."""
    (mounted,) = default.recording["etcd-1-container"].inputs["volumes"]
    assert mounted == {"volumeName": "cyclos-test-etcd-1-data", "containerPath": "/var/lib/etcd"}
