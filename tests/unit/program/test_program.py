"""The program as a whole: every example, `__main__` itself, and a preview in which nothing is known yet."""

import runpy
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pulumi
import pytest
from pulumi.runtime.stack import Stack

from core.policy import CONTAINER
from tests.support.engine import FakeDocker
from tests.support.goldens import check_golden
from tests.support.ports import free_port
from tests.support.recorder import Recording, Registered, record
from tests.support.stacks import EXAMPLES, ROOT, Deployed, small_release, stored
from tests.support.stacks import deployed as deploy_stack

TOKENS = {
    "cyclos:cyclos_database:CyclosDatabase",
    "cyclos:cyclos_tomcat_node:CyclosTomcatNode",
    "cyclos:etcd_member:EtcdMember",
    "cyclos:foundation:Foundation",
    "cyclos:images:Images",
    "cyclos:nginx_balancer:NginxBalancer",
    "cyclos:postgres_primary:PostgresPrimary",
    "cyclos:postgres_replica:PostgresReplica",
    "cyclos:protection:Protection",
}


@pytest.mark.parametrize("name", EXAMPLES)
def test_resources_of_an_example(name: str, example_of: Callable[[str], Deployed]) -> None:
    """Type, name, parent and options: a change here is a change of what an upgrade does to a running stack."""
    lines = sorted(map(_line, example_of(name).recording.resources))
    check_golden(f"resources/{name}.txt", "".join(f"{line}\n" for line in lines))


def test_component_types_are_locked(production: Deployed) -> None:
    """Another token is another resource: Pulumi would delete the old one with all it holds."""
    assert {found.token for found in production.recording.resources if not found.custom} == TOKENS


def test_logical_names_are_unique(each: Deployed) -> None:
    """Of those on the engine; a component may share its node's id."""
    names = [found.name for found in each.recording.resources if found.custom]
    assert len(names) == len(set(names))


def test_only_resources_on_the_engine_have_a_provider_of_ours(each: Deployed) -> None:
    """The default one is switched off in Pulumi.yaml."""
    used = {found.options.provider for found in each.recording.resources if found.token.startswith("docker:")}
    assert used == set(each.recording.named("pulumi:providers:docker"))


def test_a_preview_in_which_nothing_is_known_yet(each: Deployed) -> None:
    """Ids and passwords are unknown before the first `up`; the same resources are registered all the same."""
    preview = deploy_stack(each.stack, preview=True).recording
    assert _names(preview) == _names(each.recording)
    containers = {found.name: found for found in preview.of(CONTAINER)}
    for container in each.recording.of(CONTAINER):
        assert containers[container.name].inputs["image"] == container.inputs["image"]


def test_outputs_tell_everything_but_secrets(production: Deployed) -> None:
    """URL, nodes of every tier, release."""
    assert production.outputs.keys() == {"cyclosUrl", "nodes", "release"}
    assert {tier: len(nodes) for tier, nodes in production.outputs["nodes"].items()} == {
        "etcd": 3,
        "postgres": 3,
        "tomcat": 3,
        "balancer": 2,
    }
    assert production.outputs["nodes"]["postgres"][0].keys() == {"name", "address", "roleAtBirth"}
    release = production.outputs["release"]
    assert release["version"] == "4.16.17"
    assert len(release["packageSha256"]) == 64
    assert release["images"].keys() == {"etcd", "postgres", "nginx", "cyclos"}


@pytest.mark.parametrize("name", EXAMPLES)
@pytest.mark.parametrize("preview", [False, True], ids=["up", "preview"])
def test_the_whole_program(name: str, preview: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """`__main__.py` as Pulumi runs it: configuration in, exports out."""
    exports = _main(stored(name), tmp_path, monkeypatch, preview=preview)
    assert exports.keys() == {"cyclosUrl", "nodes", "release"}
    assert exports["cyclosUrl"].startswith(("http://127.0.0.1:", "http://10.200.1.2:8080"))
    assert exports["nodes"].keys() == {"etcd", "postgres", "tomcat", "balancer"}


def test_the_whole_program_with_a_bad_setting(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It ends before the first resource, with one error."""
    with pytest.raises(
        pulumi.RunError, match=r"1 problem with this stack; nothing was touched:\n  tomcat.nodes: 1 given"
    ):
        _main({"cyclos:tomcat": '{"nodes": 1}'}, tmp_path, monkeypatch)


def _main(
    config: dict[str, str], folder: Path, monkeypatch: pytest.MonkeyPatch, *, preview: bool = False
) -> dict[str, Any]:
    """Exports of __main__.py, run with a client that finds an empty engine, and a port that is free."""
    monkeypatch.setenv("PATH", FakeDocker(folder).install())
    for variable in ("DOCKER_HOST", "DOCKER_CONTEXT", "DOCKER_CERT_PATH"):
        monkeypatch.delenv(variable, raising=False)
    balancer = config.get("cyclos:balancer", "{}").replace("{", f'{{"port": {free_port()}, ', 1).replace(", }", "}")
    config = {**config, "cyclos:balancer": balancer}
    if "cyclos:package" in config:
        config["cyclos:package"] = str(small_release(folder))

    exports: dict[str, Any] = {}
    monkeypatch.setattr(pulumi, "run", lambda _: None)  # under mocks the SDK itself waits

    def program() -> pulumi.Output[None]:
        pulumi.runtime.set_all_config(config)
        runpy.run_path(str(ROOT / "__main__.py"))
        root = pulumi.runtime.get_root_resource()
        assert isinstance(root, Stack)
        return pulumi.Output.all(**root.outputs).apply(exports.update)

    record(program, preview=preview)
    return exports


def _names(recording: Recording) -> set[tuple[str, str]]:
    return {(found.token, found.name) for found in recording.resources}


def _line(found: Registered) -> str:
    options = found.options
    flags = [name for name in ("protect", "retain_on_delete", "delete_before_replace") if getattr(options, name)]
    said = {
        "parent": options.parent,
        "provider": options.provider,
        "ignore": ",".join(options.ignore_changes),
        "after": ",".join(options.depends_on),
        **options.others,
    }
    words = [found.token, found.name, *flags, *(f"{key}={value}" for key, value in said.items() if value)]
    return " ".join(map(str, words))
