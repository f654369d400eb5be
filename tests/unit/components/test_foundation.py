"""Provider, network, passwords."""

from core.policy import PASSWORD, Secret
from tests.support.files import plain_texts
from tests.support.recorder import MARK
from tests.support.stacks import Deployed

PROVIDER = "pulumi:providers:docker"


def test_one_provider_for_the_engine_of_the_settings(each: Deployed) -> None:
    """Its name is part of every node's identity: a new one moves all nodes."""
    (provider,) = each.recording.of(PROVIDER)
    assert provider.name == "engine"
    assert provider.inputs["host"] == each.stack.settings.engine.host


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
        leaks = [text for text in plain_texts(resource.inputs) if MARK in text]
        assert not leaks, f"{resource.name} shows a password"
    assert not [text for text in plain_texts(each.recording.outputs) if MARK in text]


def test_passwords_do_reach_the_servers(default: Deployed) -> None:
    """The test above would also pass if no password went anywhere."""
    resources = default.recording.resources
    secret = [found.name for found in resources if any(isinstance(value, Secret) for value in found.inputs.values())]
    assert {"postgres-1-seed", "postgres-1-container", "tomcat-1-container", "database-created"} <= set(secret)
