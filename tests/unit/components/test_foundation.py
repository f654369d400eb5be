"""Provider, network, passwords."""

import re

from core.engine import Engine, Network
from core.policy import PASSWORD, Secret
from tests.support.files import plain_texts
from tests.support.recorder import KEY_MARK, MARK
from tests.support.stacks import Deployed, deployed, stack_of

PROVIDER = "pulumi:providers:docker"


def test_one_provider_for_the_engine_of_the_settings(each: Deployed) -> None:
    """Its name is part of every node's identity: a new one moves all nodes."""
    (provider,) = each.recording.of(PROVIDER)
    assert re.fullmatch(r"engine-[0-9a-f]{8}", provider.name)
    assert provider.inputs["host"] == each.stack.settings.engine.host
    assert provider.inputs["context"] == "", "DOCKER_CONTEXT would win over the host"


def test_another_engine_is_another_provider(default: Deployed) -> None:
    """Under one name the nodes would begin anew there; so Pulumi moves them, or refuses to where they are protected."""
    elsewhere = deployed(stack_of({"engine": '{"host": "ssh://root@bank"}'}))
    (here,), (there,) = default.recording.of(PROVIDER), elsewhere.recording.of(PROVIDER)
    assert here.name != there.name


def test_the_network_is_the_stacks_own(default: Deployed) -> None:
    """Steps get their addresses from the upper half, so that they never take a node's."""
    network, subnet = default.recording["network"], default.stack.topology.subnet
    words = f"network make cyclos-test-network cyclos-test {subnet} {subnet[1]} {subnet[128]}/25"
    assert network.inputs["create"] == f"exec components/bin/{words}"
    assert network.inputs["triggers"][:-1] == words.split(), "another subnet is another network"
    assert network.options.delete_before_replace, "two networks cannot have one name"


def test_a_network_that_was_lost_is_made_again() -> None:
    """Nothing else would tell: the provider does not look after it."""
    engine = Engine(networks={"bridge": Network("")}, asked_at="2026-01-02T03:04:05+00:00")
    network = deployed(stack_of({}, engine=engine)).recording["network"]
    assert (network.inputs["triggers"][-1], list(network.options.ignore_changes)) == (engine.asked_at, [])


def test_a_network_that_is_there_is_left_alone() -> None:
    """Otherwise every run would find a change."""
    engine = Engine(networks={"cyclos-test-network": Network("cyclos-test")}, asked_at="2026-01-02T03:04:05+00:00")
    network = deployed(stack_of({}, engine=engine)).recording["network"]
    assert list(network.options.ignore_changes) == ["triggers[7]"], "the last one"


def test_one_password_per_role(default: Deployed) -> None:
    """Whoever learns one of them cannot be another role."""
    names = default.recording.named(PASSWORD)
    assert names == [f"password-{role}" for role in ("cyclos", "replicator", "restapi", "rewinder")]


def test_a_password_outlives_a_change_of_its_recipe(default: Deployed) -> None:
    """A longer one would be another one, which the running database does not know."""
    for password in default.recording.of(PASSWORD):
        assert list(password.options.ignore_changes) == ["length", "special"]
        assert (password.inputs["length"], password.inputs["special"]) == (32, False)


def test_no_password_stands_anywhere_in_plain(each: Deployed) -> None:
    """Every input of every resource is walked, bundles are opened, and so are the outputs of components and program."""
    for resource in each.recording.resources:
        leaks = [text for text in plain_texts(resource.inputs) if MARK in text or KEY_MARK in text]
        assert not leaks, f"{resource.name} shows a password"
    assert not [text for text in plain_texts(each.recording.outputs) if MARK in text or KEY_MARK in text]


def test_passwords_do_reach_the_servers(default: Deployed) -> None:
    """The test above would also pass if no password went anywhere."""
    resources = default.recording.resources
    secret = [found.name for found in resources if any(isinstance(value, Secret) for value in found.inputs.values())]
    assert {"etcd-1-start", "postgres-1-seed", "postgres-1-start", "tomcat-1-start", "database-created"} <= set(secret)
