"""Changes that a stack which holds data cannot take, found by comparing its settings with what there is."""

from collections.abc import Mapping

from core.derive import Node, Topology
from core.engine import Engine
from core.model import Settings
from core.naming import Names
from core.problems import Problem


def problems(
    settings: Settings, names: Names, topology: Topology, engine: Engine, protected: Mapping[str, str]
) -> list[Problem]:
    """Every change that would cost the consensus store its quorum, or the stack data that it protects.

    `protected` are the volumes that the last `pulumi up` protected, whatever the settings say by now -> their provider.
    """
    return [
        *_birth(settings, topology, made_with(settings, names, engine)),
        *_moved(settings, names, protected),
        *(_replicas(settings, names, topology, engine, protected) if born(names, topology, engine) else []),
    ]


def born(names: Names, topology: Topology, engine: Engine) -> bool:
    """Whether the engine has any PostgreSQL node; before that, or when the first `up` was cut off, no data can go."""
    return any(names.container(node.id) in engine.containers for node in topology.postgres_places)


def made_with(settings: Settings, names: Names, engine: Engine) -> dict[str, str]:
    """Settings that a stack keeps from its first etcd member on; any that is left knows how many there were."""
    places = [f"etcd-{number}" for number in range(1, 6)]
    found = (engine.containers.get(names.container(place)) for place in places)
    told = next((member.members for member in found if member and member.members), "")
    held = any(names.volume(place) in engine.volumes for place in places)
    members = told or (str(settings.etcd.members) if held else "1")
    network = engine.networks.get(names.physical("network"))
    subnet = network.subnet if network and members != "1" else ""
    return {key: value for key, value in {"etcd.members": told, "network.subnet": subnet}.items() if value}


def _birth(settings: Settings, topology: Topology, made: Mapping[str, str]) -> list[Problem]:
    """Members know how many they are and each other's addresses, which they keep with their data."""
    given = {"etcd.members": settings.etcd.members, "network.subnet": str(topology.subnet)}
    rules = {
        "etcd.members": "this stack was made with {}, and members cannot be added or removed while it holds data",
        "network.subnet": "this stack was made in {}, where its etcd members expect each other",
    }
    return [
        Problem(key, given[key], rules[key].format(value), f"pulumi config set --path {key} {value}")
        for key, value in made.items()
        if str(given[key]) != value
    ]


def _moved(settings: Settings, names: Names, protected: Mapping[str, str]) -> list[Problem]:
    """On another engine the database would begin anew, and empty."""
    host = settings.engine.host
    if set(protected.values()) <= {names.provider(host)}:
        return []
    rule = "has none of the data that this stack protects until an `up` with disposable: true"
    cure = (
        "pulumi config set --path engine.host HOST, where the data is; to leave it there on purpose: after that "
        "pulumi config set disposable true, pulumi up, then the other host, pulumi up"
    )
    return [Problem("engine.host", host, rule, cure)]


def fitting(settings: Settings, names: Names, topology: Topology, engine: Engine) -> dict[str, str]:
    """Values that a stack which is there accepts, of the settings for which it does not accept every one."""
    there = _there(names, topology, engine)
    replicas = topology.postgres_places.index(there[-1]) if there else 0
    return made_with(settings, names, engine) | ({"postgres.replicas": str(replicas)} if replicas else {})


def leaving(names: Names, topology: Topology, engine: Engine) -> list[Node]:
    """PostgreSQL nodes that the engine has and the settings do not ask for."""
    return [node for node in _there(names, topology, engine) if node not in topology.postgres]


def _there(names: Names, topology: Topology, engine: Engine) -> list[Node]:
    """PostgreSQL nodes of which the engine has anything."""
    return [
        node
        for node in topology.postgres_places
        if names.container(node.id) in engine.containers or names.volume(node.id) in engine.volumes
    ]


def _replicas(
    settings: Settings, names: Names, topology: Topology, engine: Engine, protected: Mapping[str, str]
) -> list[Problem]:
    """A replica that goes takes its data with it; Pulumi alone would refuse that in the middle of its work."""
    going = leaving(names, topology, engine)
    kept = [node for node in going if not settings.disposable or names.volume(node.id) in protected]
    if not kept:
        return []
    data = ", ".join(node.id for node in kept)
    rule = f"would delete the data of {data}, which this stack protects until an `up` with disposable: true"
    number = topology.postgres_places.index(kept[-1])
    cure = (
        f"pulumi config set --path postgres.replicas {number}; to delete it on purpose: pulumi config set "
        "disposable true, pulumi up, then the number, pulumi up"
    )
    return [Problem("postgres.replicas", settings.postgres.replicas, rule, cure)]
