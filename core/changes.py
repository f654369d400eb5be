"""Changes that a stack which holds data cannot take, found by comparing its settings with what there is."""

from collections.abc import Collection

from core.derive import Topology
from core.engine import Engine
from core.model import Settings
from core.naming import Names
from core.problems import Problem


def problems(
    settings: Settings, names: Names, topology: Topology, engine: Engine, protected: Collection[str]
) -> list[Problem]:
    """Every change that would cost the consensus store its quorum or delete data that the stack protects.

    `protected` are the volumes that Pulumi would refuse to delete, whatever the settings say by now.
    """
    if not any(names.container(node.id) in engine.containers for node in topology.postgres_places):
        return []  # not born yet, or an `up` that was cut off before it was
    return [
        *_members(settings, names, engine),
        *_subnet(settings, names, topology, engine),
        *_replicas(settings, names, topology, engine, protected),
    ]


def _members(settings: Settings, names: Names, engine: Engine) -> list[Problem]:
    """Any member that is left knows how many there were, whatever the others have lost."""
    told = (engine.containers.get(names.container(f"etcd-{number}")) for number in range(1, 6))
    made = next((int(found.members) for found in told if found and found.members), settings.etcd.members)
    if made == settings.etcd.members:
        return []
    rule = f"this stack was made with {made}, and members cannot be added or removed while it holds data"
    return [Problem("etcd.members", settings.etcd.members, rule, f"pulumi config set --path etcd.members {made}")]


def _subnet(settings: Settings, names: Names, topology: Topology, engine: Engine) -> list[Problem]:
    """Members know each other by their addresses, which they keep with their data."""
    network = engine.networks.get(names.physical("network"))
    if network is None or settings.etcd.members == 1 or network.subnet in {"", str(topology.subnet)}:
        return []
    rule = f"this stack was made in {network.subnet}, where its etcd members expect each other"
    cure = f"pulumi config set --path network.subnet {network.subnet}"
    return [Problem("network.subnet", str(topology.subnet), rule, cure)]


def leaving(names: Names, topology: Topology, engine: Engine) -> list[str]:
    """PostgreSQL nodes that the engine has and the settings do not ask for."""
    wanted = [node.id for node in topology.postgres]
    return [
        node.id
        for node in topology.postgres_places
        if node.id not in wanted
        and (names.container(node.id) in engine.containers or names.volume(node.id) in engine.volumes)
    ]


def _replicas(
    settings: Settings, names: Names, topology: Topology, engine: Engine, protected: Collection[str]
) -> list[Problem]:
    """A replica that goes takes its data with it; Pulumi alone would refuse that in the middle of its work."""
    going = leaving(names, topology, engine)
    kept = [node for node in going if not settings.disposable or names.volume(node) in protected]
    if not kept:
        return []
    rule = f"would delete the data of {', '.join(kept)}, which this stack protects until an `up` with disposable: true"
    number = [node.id for node in topology.postgres_places].index(going[-1])
    cure = (
        f"pulumi config set --path postgres.replicas {number}; to delete it on purpose: pulumi config set "
        "disposable true, pulumi up, then the number, pulumi up"
    )
    return [Problem("postgres.replicas", settings.postgres.replicas, rule, cure)]
