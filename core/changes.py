"""Changes that a stack which holds data cannot take, found by comparing its settings with what the engine holds."""

from core.derive import Topology
from core.engine import Engine
from core.model import Settings
from core.naming import Names
from core.problems import Problem


def problems(settings: Settings, names: Names, topology: Topology, engine: Engine) -> list[Problem]:
    """Every change that would cost the consensus store its quorum, and so the database its leader."""
    if names.container(topology.postgres[0].id) not in engine.containers:
        return []  # not born yet, or an `up` that was cut off before it was
    return [*_members(settings, names, engine), *_subnet(settings, names, topology, engine)]


def _members(settings: Settings, names: Names, engine: Engine) -> list[Problem]:
    """An even number of volumes is an odd one of which some were lost, and no other setting."""
    made = sum(names.physical(f"etcd-{number}-data") in engine.volumes for number in range(1, 6))
    if made in {0, settings.etcd.members} or made % 2 == 0:
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
