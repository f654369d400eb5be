"""Looks at the Docker engine before anything is touched: does it answer, is it new enough, is a name or a port taken.

Reads only. Runs in every preview and up, so its questions go out together.
"""

import errno
import os
import shutil
import socket
import subprocess
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

from core.derive import Topology
from core.model import Settings
from core.naming import Names
from core.problems import Problem

# Docker 20.10, the oldest engine that the tests ran on.
OLDEST_API = (1, 41)
ANSWER_SECONDS = 15
OWNER_COLUMNS = '{{.Name}}\t{{.Label "cyclos.stack"}}'
CONTAINER_COLUMNS = '{{.Names}}\t{{.Label "cyclos.stack"}}\t{{.State}}\t{{.Ports}}'
FOREIGN_CURE = "remove it or rename it, or use another stack name; this program never takes over what it did not make"


@dataclass(frozen=True)
class Container:
    """A container that exists on the engine, whosoever it is."""

    owner: str
    running: bool
    ports: str = ""  # as `docker ps` prints them: 127.0.0.1:8080->8080/tcp, ...
    finished_at: str = ""  # set when it is stopped


@dataclass(frozen=True)
class Engine:
    """What was found on the engine."""

    containers: Mapping[str, Container] = field(default_factory=dict)

    def runs(self, container: str) -> bool:
        """Whether this container exists and runs."""
        found = self.containers.get(container)
        return found is not None and found.running

    def stopped_at(self, container: str) -> str:
        """When this container was stopped; empty while it runs or does not exist."""
        found = self.containers.get(container)
        return found.finished_at if found else ""


class EngineError(Exception):
    """The engine did not answer a question."""


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
    return problems


def look(settings: Settings, names: Names, topology: Topology) -> tuple[Engine, list[Problem]]:
    """What is on the engine, and every reason not to begin."""
    host = settings.engine.host
    if shutil.which("docker") is None:
        return Engine(), [
            Problem("engine.host", host, "needs Docker's command line client, which is not on PATH", "make setup")
        ]
    try:
        with ThreadPoolExecutor() as pool:
            version = pool.submit(_ask, host, "version", "--format", "{{.Server.APIVersion}}")
            containers = pool.submit(_ask, host, "ps", "--all", "--no-trunc", "--format", CONTAINER_COLUMNS)
            volumes = pool.submit(_ask, host, "volume", "ls", "--format", OWNER_COLUMNS)
            networks = pool.submit(_ask, host, "network", "ls", "--format", OWNER_COLUMNS)
        problems = _version_problems(host, version.result())
        engine = _engine(host, containers.result())
    except EngineError as error:
        cure = "start the engine (make setup does), or pulumi config set --path engine.host ADDRESS"
        return Engine(), [Problem("engine.host", host, f"no Docker engine answers there: {error}", cure)]
    databases = [node.id for node in topology.postgres]
    owners = {name: found.owner for name, found in engine.containers.items()}
    servers = [f"{node.id}-container" for node in topology.nodes]
    problems += _foreign("container", owners, names, servers + [f"{node}-seed" for node in databases])
    members = [node.id for node in topology.etcd]
    problems += _foreign("volume", _pairs(volumes.result()), names, [f"{node}-data" for node in members + databases])
    problems += _foreign("network", _pairs(networks.result()), names, ["network"])
    problems += _port_problems(settings, names, topology, engine)
    return engine, problems


def _ask(host: str, *arguments: str) -> str:
    command = ["docker", "--host", host, *arguments]
    try:
        answer = subprocess.run(command, capture_output=True, text=True, timeout=ANSWER_SECONDS, check=False)
    except subprocess.TimeoutExpired as error:
        raise EngineError(f"no answer within {ANSWER_SECONDS} s") from error
    if answer.returncode != 0:
        raise EngineError(answer.stderr.strip().splitlines()[-1] if answer.stderr.strip() else "no reason given")
    return answer.stdout


def _version_problems(host: str, api: str) -> list[Problem]:
    try:
        version = tuple(int(part) for part in api.strip().split("."))
    except ValueError as error:
        raise EngineError(f"it gave no API version but {api.strip()!r}") from error
    if version >= OLDEST_API:
        return []
    rule = f"this engine speaks API {api.strip()}; at least 1.41 is needed"
    return [Problem("engine.host", host, rule, "upgrade Docker to 20.10 or later")]


def _engine(host: str, listing: str) -> Engine:
    rows = [line.split("\t") for line in listing.splitlines()]
    stopped = [name for name, owner, state, _ in rows if owner and state == "exited"]
    finished: dict[str, str] = {}
    if stopped:
        times = _ask(host, "inspect", "--format", "{{.Name}}\t{{.State.FinishedAt}}", *stopped)
        finished = {name.removeprefix("/"): time for name, time in _pairs(times).items()}
    return Engine(
        {
            name: Container(owner, state == "running", ports, finished.get(name, ""))
            for name, owner, state, ports in rows
        }
    )


def _pairs(listing: str) -> dict[str, str]:
    return dict(line.split("\t", 1) for line in listing.splitlines())


def _foreign(kind: str, owners: Mapping[str, str], names: Names, wanted: list[str]) -> list[Problem]:
    """Objects that bear the name of one of ours but not our label."""
    return [
        Problem("stack", names.stack, f"a {kind} named {name} is there already and is not this stack's", FOREIGN_CURE)
        for name in map(names.physical, wanted)
        if owners.get(name, names.owner) != names.owner
    ]


def _port_problems(settings: Settings, names: Names, topology: Topology, engine: Engine) -> list[Problem]:
    """A port that somebody else listens on. Only a local engine's ports can be tried."""
    ours = engine.containers.get(names.container(topology.balancers[0].id))
    balancer = settings.balancer
    has_it = ours and f"{balancer.address}:{balancer.port}->" in ours.ports
    if not settings.engine.host.startswith("unix://") or has_it:
        return []
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((balancer.address, balancer.port))
        except PermissionError:
            return []  # below 1024 and not root: the engine is
        except OSError as error:
            return [_port_problem(settings, error)]
    return []


def _port_problem(settings: Settings, error: OSError) -> Problem:
    balancer = settings.balancer
    if error.errno == errno.EADDRINUSE:
        rule = f"is taken on {balancer.address} by another program"
        return Problem(
            "balancer.port", balancer.port, rule, f"pulumi config set --path balancer.port {balancer.port + 1}"
        )
    rule = f"cannot be listened on: {os.strerror(error.errno or 0)}"
    return Problem("balancer.address", balancer.address, rule, "pulumi config set --path balancer.address 127.0.0.1")
