"""Cyclos' database, and the proof that it is replicated."""

import json

from tests.support.files import unbundled
from tests.support.stacks import Deployed, deployed, stack_of


def test_it_gets_its_owners_password_only(default: Deployed) -> None:
    """Creating it is the superuser's work on the leader's own socket."""
    files = unbundled(default.recording["database-created"].inputs["stdin"])
    assert files.keys() == {"/database.sql", "/secrets/cyclos"}
    assert files["/secrets/cyclos"] == "generated-password-cyclos"
    assert "cyclos4" in files["/database.sql"]


def test_cluster_wide_settings_follow_the_leader(default: Deployed) -> None:
    """They are pushed to whoever leads, when every node is there: some may have to be restarted, one by one."""
    pushed = default.recording["database-settings"]
    assert "apply-settings" in pushed.inputs["create"]
    assert unbundled(pushed.inputs["stdin"]).keys() == {"/dynamic.json"}
    assert "database-settings" in default.recording["database-created"].options.depends_on


def test_a_change_of_postgresql_conf_is_a_reason_to_look_who_must_be_restarted(
    default: Deployed, minimal: Deployed, old_release: Deployed
) -> None:
    """They have reloaded it before. The package has nothing to do with it."""
    triggers = [stack.recording["database-settings"].inputs["triggers"] for stack in (default, minimal, old_release)]
    assert triggers[0] != triggers[1]
    assert triggers[0] == triggers[2]


def test_the_named_leader_is_looked_after_when_settings_change() -> None:
    """A restart for one of them moves the lead."""

    def triggers(memory: int, connections: int) -> list[str]:
        settings = {"leader": "postgres-2", "memoryMib": memory, "maxConnections": connections}
        leader = deployed(stack_of({"postgres": json.dumps(settings)})).recording["database-leader"]
        return [str(trigger) for trigger in leader.inputs["triggers"]]

    usual = triggers(512, 130)
    assert triggers(512, 130) == usual
    assert triggers(520, 130) != usual
    assert triggers(512, 140) != usual


def test_every_node_may_be_the_leader(production: Deployed) -> None:
    """After a failover it is another one than at birth."""
    line = production.recording["database-created"].inputs["create"]
    for number in (1, 2, 3):
        assert f"cyclos-test-postgres-{number}-container" in line


def test_the_proof_comes_after_the_deed(default: Deployed) -> None:
    """What was created on the leader is read back from every standby."""
    proof = default.recording["database-replicated"]
    assert "database-created" in proof.options.depends_on
    for number in (1, 2):
        assert f"cyclos-test-postgres-{number}-container" in proof.inputs["create"]


def test_it_waits_for_every_node(production: Deployed) -> None:
    """A replica that is still copying would fail the proof."""
    (component,) = production.recording.of("cyclos:cyclos_database:CyclosDatabase")
    assert {f"postgres-{number}-ready" for number in (1, 2, 3)} <= set(component.options.depends_on)
