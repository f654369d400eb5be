"""Whatever an operator sets reaches the engine: no setting is read and then forgotten."""

import json
from collections.abc import Mapping
from functools import cache

import pytest

from core.model import Settings
from core.parse import groups
from core.policy import Options
from tests.support.stacks import deployed, stack_of

# Another value than the default of every setting but the package, with what it needs to be allowed.
OTHERS: dict[str, tuple[object, dict[str, dict[str, object]]]] = {
    "disposable": (True, {}),
    "etcd.members": (3, {}),
    "etcd.memoryMib": (300, {}),
    "postgres.replicas": (2, {}),
    "postgres.memoryMib": (520, {}),
    "postgres.synchronousReplicas": (2, {"postgres": {"replicas": 2}}),
    "postgres.leader": ("postgres-2", {}),
    "postgres.maxConnections": (140, {}),
    "postgres.ttlSeconds": (30, {}),
    "postgres.loopWaitSeconds": (3, {}),
    "postgres.retryTimeoutSeconds": (5, {}),
    "tomcat.nodes": (3, {}),
    "tomcat.memoryMib": (700, {}),
    "tomcat.databaseSeconds": (21, {}),
    "balancer.nodes": (2, {}),
    "balancer.virtualIp": ("10.200.1.2", {"balancer": {"nodes": 2}, "network": {"subnet": "10.200.1.0/24"}}),
    "balancer.address": ("127.0.0.2", {}),
    "balancer.port": (8090, {}),
    "balancer.maxUploadMib": (51, {}),
    "balancer.memoryMib": (130, {}),
    "network.subnet": ("10.200.1.0/24", {}),
    "engine.host": ("tcp://127.0.0.1:2375", {}),
}


@cache
def registered(texts: frozenset[tuple[str, str]]) -> dict[str, tuple[dict[str, object], Options]]:
    """Inputs and options of every resource on the engine, by name, for a configuration as Pulumi stores it."""
    resources = deployed(stack_of(dict(texts))).recording.resources
    return {found.name: (dict(found.inputs), found.options) for found in resources if found.custom}


def stored(values: Mapping[str, object]) -> frozenset[tuple[str, str]]:
    """Configuration as Pulumi stores it."""
    return frozenset((key, json.dumps(value)) for key, value in values.items())


def test_the_table_holds_every_setting() -> None:
    """A new one belongs here; the package is deployed by tests of its own."""
    inner = {f"{key}.{field.alias}" for key, model in groups().items() for field in model.model_fields.values()}
    outer = {str(field.alias) for field in Settings.model_fields.values()} - groups().keys()
    assert OTHERS.keys() == (inner | outer) - {"package"}


def test_the_same_values_change_nothing() -> None:
    """Otherwise the next test could not fail."""
    assert registered.__wrapped__(stored({})) == registered(stored({}))


@pytest.mark.parametrize("path", OTHERS)
def test_another_value_changes_what_is_deployed(path: str) -> None:
    """Some resource is another, or there are others."""
    value, needed = OTHERS[path]
    group, _, key = path.partition(".")
    given = {**needed, group: {**needed.get(group, {}), key: value} if key else value}
    assert registered(stored(given)) != registered(stored(needed))
