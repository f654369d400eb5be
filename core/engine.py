"""What a Docker engine holds. Reads only; what every preview and up asks goes out together."""

import subprocess
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime

ANSWER_SECONDS = 15
OWNER_COLUMNS = '{{.Name}}\t{{.Label "cyclos.stack"}}'
CONTAINER_COLUMNS = '{{.Names}}\t{{.Label "cyclos.stack"}}\t{{.State}}\t{{.Ports}}\t{{.Label "cyclos.members"}}'
NETWORK_COLUMNS = '{{.Name}}\t{{.Label "cyclos.stack"}}\t{{.Label "cyclos.subnet"}}'
SUBNET_COLUMNS = "{{.Name}}\t{{range .IPAM.Config}}{{.Subnet}} {{end}}"


@dataclass(frozen=True)
class Container:
    """A container that exists on the engine, whosoever it is."""

    owner: str
    running: bool
    ports: str = ""  # as `docker ps` prints them: 127.0.0.1:8080->8080/tcp, ...
    members: str = ""  # of one of our etcd members: how many there were at its birth


@dataclass(frozen=True)
class Network:
    """A network that exists on the engine, whosoever it is."""

    owner: str
    subnet: str = ""  # of one of ours


@dataclass(frozen=True)
class Engine:
    """What was found on the engine, by name; the owner is the value of the label `cyclos.stack`, or empty."""

    api: str = ""  # version
    containers: Mapping[str, Container] = field(default_factory=dict)
    volumes: Mapping[str, str] = field(default_factory=dict)  # -> owner
    networks: Mapping[str, Network] = field(default_factory=dict)
    leader: str = ""  # the container of the PostgreSQL node that leads, of those that were asked
    asked_at: str = ""

    def runs(self, container: str) -> bool:
        """Whether this container exists and runs."""
        found = self.containers.get(container)
        return found is not None and found.running

    def stopped_at(self, container: str) -> str:
        """When this container was found not to run; empty while it does or does not exist."""
        return "" if container not in self.containers or self.runs(container) else self.asked_at

    def missing_at(self, name: str) -> str:
        """When the network or volume of this name was looked for and not found; empty while it exists."""
        return "" if name in self.networks or name in self.volumes else self.asked_at

    def deposed_at(self, container: str) -> str:
        """When this container, which runs and was asked, was found not to lead; empty when it does or does not run."""
        return self.asked_at if self.runs(container) and container != self.leader else ""


class EngineError(Exception):
    """The engine did not answer a question."""


def look(host: str) -> Engine:
    """Ask the engine at this address; raises EngineError."""
    with ThreadPoolExecutor() as pool:
        version = pool.submit(_ask, host, "version", "--format", "{{.Server.APIVersion}}")
        containers = pool.submit(_ask, host, "ps", "--all", "--no-trunc", "--format", CONTAINER_COLUMNS)
        volumes = pool.submit(_ask, host, "volume", "ls", "--format", OWNER_COLUMNS)
        networks = pool.submit(_ask, host, "network", "ls", "--format", NETWORK_COLUMNS)
    return Engine(
        api=version.result().strip(),
        containers=_containers(containers.result()),
        volumes=_pairs(volumes.result()),
        networks={name: Network(owner, subnet) for name, owner, subnet in _rows(networks.result())},
        asked_at=datetime.now(UTC).isoformat(timespec="seconds"),
    )


def leads(host: str, container: str) -> bool:
    """Whether the PostgreSQL node in this container leads now."""
    try:
        _ask(host, "exec", container, "leads")
    except EngineError:
        return False
    return True


def subnets(host: str, engine: Engine) -> Mapping[str, list[str]]:
    """Address ranges of every network of the engine, by its name; raises EngineError."""
    listing = _pairs(_ask(host, "network", "inspect", "--format", SUBNET_COLUMNS, *engine.networks))
    return {name: ranges.split() for name, ranges in listing.items()}


def _containers(listing: str) -> Mapping[str, Container]:
    return {
        name: Container(owner, state == "running", ports, members)
        for name, owner, state, ports, members in _rows(listing)
    }


def _pairs(listing: str) -> dict[str, str]:
    return dict(line.split("\t", 1) for line in listing.splitlines())


def _rows(listing: str) -> list[list[str]]:
    return [line.split("\t") for line in listing.splitlines()]


def _ask(host: str, *arguments: str) -> str:
    command = ["docker", "--host", host, *arguments]
    try:
        answer = subprocess.run(command, capture_output=True, text=True, timeout=ANSWER_SECONDS, check=False)
    except subprocess.TimeoutExpired as error:
        raise EngineError(f"no answer within {ANSWER_SECONDS} s") from error
    if answer.returncode != 0:
        raise EngineError(answer.stderr.strip().splitlines()[-1] if answer.stderr.strip() else "no reason given")
    return answer.stdout
