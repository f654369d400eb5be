"""The one builder of containers and the one builder of volumes."""

import tarfile
from base64 import b64decode
from io import BytesIO

from core.policy import CONTAINER, PASSWORD, PROTECTION, Secret, labels_of
from core.state import VOLUME
from tests.support.files import revealed
from tests.support.stacks import Deployed


def test_volumes_are_protected_and_retained(default: Deployed) -> None:
    """Whatever an operator gets wrong, the data stays."""
    volumes = default.recording.of(VOLUME)
    assert [volume.name for volume in volumes] == ["etcd-1-data", "postgres-1-data", "postgres-2-data"]
    assert all(volume.options.protect and volume.options.retain_on_delete for volume in volumes)


def test_a_disposable_stack_leaves_nothing_behind(minimal: Deployed) -> None:
    """`pulumi destroy` of a rehearsal must not need a second command."""
    resources = minimal.recording.resources
    assert not [found.name for found in resources if found.options.protect or found.options.retain_on_delete]


def test_no_container_is_protected(default: Deployed) -> None:
    """An upgrade could never replace it."""
    protected = {found.token for found in default.recording.resources if found.options.protect}
    assert protected == {VOLUME, PASSWORD, PROTECTION}


def test_a_volume_carries_nothing_that_can_change(production: Deployed) -> None:
    """A new label, driver or name would replace the volume, and so delete the data."""
    for volume in production.recording.of(VOLUME):
        assert volume.inputs.keys() == {"name", "labels"}
        assert labels_of(volume).keys() == {"cyclos.stack", "cyclos.tier", "cyclos.node"}
        assert volume.inputs["name"] == f"cyclos-test-{volume.name}"


def test_containers_are_replaced_one_after_the_other(default: Deployed) -> None:
    """Two containers cannot have one name and one address at a time."""
    assert all(container.options.delete_before_replace for container in default.recording.of(CONTAINER))


def test_every_node_has_its_address_and_its_name(production: Deployed) -> None:
    """The private network knows a node by its id, and its address never depends on the order of starting."""
    for node in production.stack.topology.nodes:
        container = production.recording[f"{node.id}-container"]
        (attached,) = container.inputs["networksAdvanced"]
        assert attached["name"] == "network-stdout"
        assert attached["ipv4Address"] == node.address
        assert attached["aliases"][0] == node.id == container.inputs["hostname"]


def test_the_limit_is_the_one_that_was_set(production: Deployed) -> None:
    """Memory in MiB, and no swap beside it."""
    settings = production.stack.settings.model_dump()
    for container in production.recording.of(CONTAINER):
        memory = settings[labels_of(container)["cyclos.tier"]]["memory_mib"]
        assert (container.inputs["memory"], container.inputs["memorySwap"]) == (memory, memory)


def test_files_cannot_be_written_by_the_server(default: Deployed) -> None:
    """Who breaks into a server must not change what it starts with next."""
    for node in ("etcd-1", "postgres-1", "tomcat-1"):
        with tarfile.open(
            fileobj=BytesIO(b64decode(revealed(default.recording[f"{node}-start"].inputs["stdin"])))
        ) as tar:
            assert {(member.mode, member.uid, member.gid) for member in tar} == {(0o444, 0, 0)}


def test_a_container_starts_when_its_files_are_in_place(production: Deployed) -> None:
    """By a command, which runs again for a new container or another file; the provider never starts one."""
    for container in production.recording.of(CONTAINER):
        assert (container.inputs["start"], container.inputs["mustRun"]) == (False, False)
    for node in production.stack.topology.nodes:
        command = "configuration" if node.tier == "balancer" else "start"
        start = production.recording[f"{node.id}-{command}"]
        assert start.inputs["triggers"] == [f"{node.id}-container-id", ""]


def test_files_with_a_password_are_secret(default: Deployed) -> None:
    """The state encrypts them, a diff hides them; those without one can be read in both."""
    secret = {
        name: isinstance(default.recording[f"{name}-start"].inputs["stdin"], Secret)
        for name in ("etcd-1", "postgres-2", "tomcat-2")
    }
    assert secret == {"etcd-1": True, "postgres-2": True, "tomcat-2": True}
