"""Every reason that the engine gives not to begin: no answer, too old, or a name, a port or a subnet is taken."""

import errno
import os
import shutil
import socket
from collections.abc import Mapping
from dataclasses import replace
from ipaddress import IPv4Address, IPv4Network, ip_network
from pathlib import Path

from core import changes, state
from core import engine as docker
from core.checks import SUBNET_PREFIX
from core.derive import Topology
from core.engine import Engine, EngineError
from core.model import Settings
from core.naming import Names
from core.problems import Problem
from core.state import StateError

# Docker 20.10, the oldest engine that the tests ran on.
OLDEST_API = (1, 41)
# Its /24s are proposed in the place of a subnet that is taken; there are more than an engine has room for.
CANDIDATES = IPv4Network("10.192.0.0/10")
ROUTES = Path("/proc/net/route")
FOREIGN_CURE = "remove it or rename it, or use another stack name; this program never takes over what it did not make"


def environment_problems(environment: Mapping[str, str], host: str) -> list[Problem]:
    """Variables that send Docker's client or Pulumi's plugin to another engine than the stack's."""
    problems = []
    if context := environment.get("DOCKER_CONTEXT"):
        rule = "overrides engine.host in Pulumi's plugin, so that it might change another engine"
        problems.append(Problem("DOCKER_CONTEXT", context, rule, "unset DOCKER_CONTEXT"))
    if (other := environment.get("DOCKER_HOST", host)) != host:
        rule = f"is not this stack's engine ({host})"
        cure = f"unset DOCKER_HOST, or pulumi config set --path engine.host {other}"
        problems.append(Problem("DOCKER_HOST", other, rule, cure))
    if (path := environment.get("DOCKER_CERT_PATH")) and not host.startswith("tcp://"):
        rule = f"makes Pulumi's plugin speak TLS, which {host} does not"
        problems.append(Problem("DOCKER_CERT_PATH", path, rule, "unset DOCKER_CERT_PATH"))
    return problems


def look(settings: Settings, names: Names, topology: Topology) -> tuple[Engine, list[Problem]]:
    """What is on the engine, and every reason not to begin."""
    host = settings.engine.host
    if shutil.which("docker") is None:
        return Engine(), [
            Problem("engine.host", host, "needs Docker's command line client, which is not on PATH", "make setup")
        ]
    try:
        engine = _with_leader(docker.look(host), settings, names, topology)
        return engine, [
            *_version_problems(host, engine.api),
            *_foreign_problems(names, topology, engine),
            *_port_problems(settings, names, topology, engine),
            *_subnet_problems(settings, names, topology, engine),
            *_virtual_ip_problems(settings, topology),
            *_change_problems(settings, names, topology, engine),
        ]
    except EngineError as error:
        cure = "start the engine (make setup does), or pulumi config set --path engine.host ADDRESS"
        return Engine(), [Problem("engine.host", host, f"no Docker engine answers there: {error}", cure)]


def _with_leader(engine: Engine, settings: Settings, names: Names, topology: Topology) -> Engine:
    """Asks who leads only where the operator wants a certain one, or a node has no data and copies the leader's."""
    places = [names.container(node.id) for node in topology.postgres_places]
    living = [name for name in places if engine.runs(name) and engine.containers[name].owner == names.owner]
    wanted = names.container(settings.postgres.leader)
    lost = any(names.volume(node.id) not in engine.volumes for node in topology.postgres)
    asked = [name for name in living if lost or name == wanted]
    return replace(engine, leader=next((name for name in asked if docker.leads(settings.engine.host, name)), ""))


def _change_problems(settings: Settings, names: Names, topology: Topology, engine: Engine) -> list[Problem]:
    """Pulumi's state is asked only where nothing of the stack is here, or the settings may have just given data up."""
    here = changes.born(names, topology, engine)
    asked = not here or (settings.disposable and changes.leaving(names, topology, engine))
    try:
        protected = state.protected_volumes(names.full) if asked else {}
    except StateError as error:
        rule = f"may be data that the last `pulumi up` protected, which its state does not say: {error}"
        return [Problem("stack", names.full, rule, f"pulumi stack export --stack {names.full} must work")]
    return changes.problems(settings, names, topology, engine, protected)


def _version_problems(host: str, api: str) -> list[Problem]:
    try:
        version = tuple(int(part) for part in api.split("."))
    except ValueError as error:
        raise EngineError(f"it gave no API version but {api!r}") from error
    if version >= OLDEST_API:
        return []
    rule = f"this engine speaks API {api}; at least 1.41 is needed"
    return [Problem("engine.host", host, rule, "upgrade Docker to 20.10 or later")]


def _foreign_problems(names: Names, topology: Topology, engine: Engine) -> list[Problem]:
    """Objects that bear the name of one of ours but not our label."""
    databases = [node.id for node in topology.postgres]
    members = [node.id for node in topology.etcd]
    containers = {name: found.owner for name, found in engine.containers.items()}
    networks = {name: found.owner for name, found in engine.networks.items()}
    seeds = [f"{node}-seed" for node in databases]
    return [
        *_foreign("container", containers, names, [f"{node.id}-container" for node in topology.nodes] + seeds),
        *_foreign("volume", engine.volumes, names, [f"{node}-data" for node in members + databases]),
        *_foreign("network", networks, names, ["network"]),
    ]


def _foreign(kind: str, owners: Mapping[str, str], names: Names, wanted: list[str]) -> list[Problem]:
    return [
        Problem("stack", names.stack, f"a {kind} named {name} is there already and is not this stack's", FOREIGN_CURE)
        for name in map(names.physical, wanted)
        if owners.get(name, names.owner) != names.owner
    ]


def _port_problems(settings: Settings, names: Names, topology: Topology, engine: Engine) -> list[Problem]:
    """A port that somebody else listens on. Only a local engine's ports can be tried."""
    address = settings.balancer.address
    if not settings.engine.host.startswith("unix://"):
        return []
    refused: dict[int, OSError] = {}
    for port, node in enumerate(topology.balancers, start=settings.balancer.port):
        ours = engine.containers.get(names.container(node.id))
        if not (ours and f"{address}:{port}->" in ours.ports) and (error := _refusal(address, port)):
            refused[port] = error
    taken = [port for port, error in refused.items() if error.errno == errno.EADDRINUSE]
    if refused and not taken:
        rule = f"cannot be listened on: {os.strerror(next(iter(refused.values())).errno or 0)}"
        return [Problem("balancer.address", address, rule, "pulumi config set --path balancer.address 127.0.0.1")]
    rule = f"is taken on {address} by another program"
    cure = f"pulumi config set --path balancer.port {max(taken, default=0) + 1}"
    return [Problem("balancer.port", port, rule, cure) for port in taken]


def _refusal(address: str, port: int) -> OSError | None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((address, port))
        except PermissionError:
            return None  # below 1024 and not root: the engine is
        except OSError as error:
            return error
    return None


def _virtual_ip_problems(settings: Settings, topology: Topology) -> list[Problem]:
    """An address that is a node's, or of another network."""
    given, free = settings.balancer.virtual_ip, topology.virtual_ips
    if given in {"", *free}:
        return []
    cure = f"pulumi config set --path balancer.virtualIp {free[0]}"
    return [Problem("balancer.virtualIp", given, f"must be one of {', '.join(free)}: no node has these", cure)]


def _subnet_problems(settings: Settings, names: Names, topology: Topology, engine: Engine) -> list[Problem]:
    """A network of somebody else that has some of our addresses; asked only when ours is still to be made."""
    own, host = names.physical("network"), settings.engine.host
    if not engine.networks or (own in engine.networks and engine.networks[own].subnet == str(topology.subnet)):
        return []
    everywhere = docker.subnets(host, engine)
    networks = {f"the Docker network {name}": ranges for name, ranges in everywhere.items() if name != own}
    routes = _routes() if host.startswith("unix://") else {}
    candidates = CANDIDATES.subnets(new_prefix=SUBNET_PREFIX)
    free = next(subnet for subnet in candidates if not _overlapping(subnet, networks | routes))
    return [
        Problem(
            "network.subnet",
            str(topology.subnet),
            f"overlaps with {name}",
            f"pulumi config set --path network.subnet {free}",
        )
        for name in _overlapping(topology.subnet, networks) or _overlapping(topology.subnet, routes)
    ]


def _routes() -> dict[str, list[str]]:
    """Networks of this machine, as far as Linux says them: in one of them our nodes would not reach each other.

    Not those with more addresses than ours would have: the machine prefers the more exact one.
    """
    routes: dict[str, list[str]] = {}
    for line in ROUTES.read_text().splitlines()[1:] if ROUTES.exists() else []:
        interface, destination, *_, mask = line.split()[:8]
        found = IPv4Network((_address(destination), str(_address(mask))))
        if found.prefixlen >= SUBNET_PREFIX:
            routes.setdefault(f"a network of this machine ({interface})", []).append(str(found))
    return routes


def _address(word: str) -> IPv4Address:
    """An address as the kernel prints it: a number of this machine's byte order."""
    return IPv4Address(int.from_bytes(bytes.fromhex(word), "little"))


def _overlapping(subnet: IPv4Network, taken: Mapping[str, list[str]]) -> list[str]:
    """Names of the networks that share an address with a subnet."""
    return [
        name
        for name, ranges in taken.items()
        if any(isinstance(other, IPv4Network) and other.overlaps(subnet) for other in map(ip_network, ranges))
    ]
