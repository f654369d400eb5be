"""The five kinds of command: when each one runs again, and how secrets reach it."""

import shlex

import pytest

from core.engine import Container, Engine
from core.policy import COMMAND, Secret
from tests.support.stacks import ROOT, Deployed, deployed, stack_of

START = "-start-stdout"  # as the mock answers for every command: when the container was started


def test_a_seed_is_tied_to_its_volume_and_to_nothing_else(production: Deployed) -> None:
    """A container comes and goes; were its id a trigger, the next upgrade would seed again, over the data."""
    seeds = [found for found in production.recording.of(COMMAND) if found.name.endswith("-seed")]
    assert len(seeds) == 3
    for seed in seeds:
        engine, volume, missing_at = seed.inputs["triggers"]
        assert engine == production.stack.settings.engine.host
        assert volume == f"cyclos-test-{seed.name.removesuffix('-seed')}-data"
        assert missing_at == production.stack.engine.asked_at


def test_an_edit_never_seeds_again(production: Deployed) -> None:
    """An update of the command runs the update script, which does nothing."""
    seeds = [found for found in production.recording.of(COMMAND) if found.name.endswith("-seed")]
    assert {seed.inputs["update"] for seed in seeds} == {":"}


def test_what_goes_with_the_stack_is_undone(production: Deployed) -> None:
    """The network, which the stack made, and every server that runs; the leader hands over before."""
    undone = {
        found.name: found.inputs["delete"] for found in production.recording.of(COMMAND) if "delete" in found.inputs
    }
    assert undone.pop("network") == "exec components/bin/network remove cyclos-test-network"
    assert undone.pop("postgres-1-start") == "exec components/bin/stop cyclos-test-postgres-1-container step-down"
    assert undone.pop("tomcat-2-start") == "exec components/bin/stop cyclos-test-tomcat-2-container step-down"
    assert all(name.endswith("-start") for name in undone)


@pytest.mark.parametrize("node", ["etcd-2", "postgres-1", "postgres-3"])
def test_a_gate_asks_again_when_its_container_was_started(production: Deployed, node: str) -> None:
    """A server that has just started has proved nothing yet."""
    assert production.recording[f"{node}-ready"].inputs["triggers"] == [f"{node}{START}"]


def test_the_balancers_gate_asks_again_for_every_tomcat(production: Deployed) -> None:
    """A Tomcat that was replaced must be reached through the balancer again."""
    triggers = production.recording["balancer-1-ready"].inputs["triggers"]
    assert triggers == ["balancer-1-configuration-stdout", *(f"tomcat-{number}{START}" for number in (1, 2, 3))]


def test_the_proof_of_replication_asks_again_for_every_node(production: Deployed) -> None:
    """A replica that was replaced must hold what the leader holds."""
    triggers = production.recording["database-replicated"].inputs["triggers"]
    assert triggers == [f"postgres-{number}{START}" for number in (1, 2, 3)]


@pytest.mark.parametrize(
    ("node", "command"), [("etcd-1", "start"), ("tomcat-1", "start"), ("balancer-1", "configuration")]
)
def test_a_node_that_was_found_stopped_is_started_again(node: str, command: str) -> None:
    """The engine starts it under the same id; the moment of the look is what is new."""
    stopped = {f"cyclos-test-{node}-container": Container("cyclos-test", running=False)}
    engine = Engine(containers=stopped, asked_at="2026-01-02T03:04:05+00:00")
    recording = deployed(stack_of({}, engine=engine)).recording
    start = recording[f"{node}-{command}"]
    assert start.inputs["triggers"][-1] == "2026-01-02T03:04:05+00:00"
    assert list(start.options.ignore_changes) == []
    assert list(recording["tomcat-2-start"].options.ignore_changes) == ["triggers[1]"], "or the next run finds a change"


def test_what_fails_is_done_again(production: Deployed) -> None:
    """A command that is replaced leaves the state before it runs, so that a failure is not forgotten."""
    assert all(found.options.delete_before_replace for found in production.recording.of(COMMAND))


def test_every_command_names_its_engine(each: Deployed) -> None:
    """Without it the operator's environment would decide."""
    host = each.stack.settings.engine.host
    assert {found.inputs["environment"]["DOCKER_HOST"] for found in each.recording.of(COMMAND)} == {host}


def test_no_command_prints_into_pulumis_own_output(each: Deployed) -> None:
    """Logs of a step are shown when it fails, and only then."""
    for command in each.recording.of(COMMAND):
        assert command.inputs["logging"] == "none"
        assert command.inputs["addPreviousOutputInEnv"] is False


def test_every_command_runs_a_script_of_ours(each: Deployed) -> None:
    """One word, an existing executable, then its arguments; no shell of its own."""
    for command in each.recording.of(COMMAND):
        run, script, *_ = command.inputs["create"].split()
        assert run == "exec"
        assert (ROOT / script).stat().st_mode & 0o100, f"{script} is not executable"


def test_every_command_asks_for_a_script_that_the_image_has(production: Deployed) -> None:
    """A gate for a script that does not exist would wait until its deadline."""
    folders = {"etcd": "etcd", "postgres": "postgres", "database": "postgres", "tomcat": "tomcat", "balancer": "nginx"}
    position = {"gate": 2, "push": 2, "on-leader": 2, "start": 1}
    for command in production.recording.of(COMMAND):
        script, *words = shlex.split(command.inputs["create"].removeprefix("exec components/bin/"))
        if script == "step":
            called = words[words.index("--entrypoint") + 1]
        elif script in position:
            called = words[position[script]]
            if not called:
                continue
        else:
            continue
        path = ROOT / "images" / folders[command.name.partition("-")[0]] / "bin" / called
        assert path.is_file(), f"{command.name} calls {called}, which {path.parent} does not hold"


def test_what_holds_a_password_is_secret(default: Deployed) -> None:
    """Encrypted in the state, never shown in a diff."""
    for name in ("postgres-1-seed", "postgres-2-seed", "database-created"):
        assert isinstance(default.recording[name].inputs["stdin"], Secret), name
