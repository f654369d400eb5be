"""The consensus tier."""

from collections.abc import Iterable

import pytest

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


@pytest.mark.parametrize("dead", ["etcd-1", "etcd-3"])
def test_living_members_are_changed_one_after_the_other(dead: str) -> None:
    """When the dead one, which waits for nobody, is back: so they keep the quorum."""
    members = ["etcd-1", "etcd-2", "etcd-3"]
    containers = {f"cyclos-test-{one}-container": Container("cyclos-test", running=one != dead) for one in members}
    made = deployed(stack_of({"etcd": '{"members": 3}'}, engine=Engine(containers=containers))).recording
    first, second = (one for one in members if one != dead)
    before = {one: _gates(made.component(one).options.depends_on) for one in members}
    assert before == {dead: set(), first: {f"{dead}-ready"}, second: {f"{dead}-ready", f"{first}-ready"}}


def _gates(names: Iterable[str]) -> set[str]:
    return {name for name in names if name.endswith("-ready")}


def test_the_volume_is_where_etcd_writes(default: Deployed) -> None:
    """Without it every restart would forget who leads."""
    (mounted,) = default.recording["etcd-1-container"].inputs["volumes"]
    assert mounted == {"volumeName": "cyclos-test-etcd-1-data", "containerPath": "/var/lib/etcd"}
