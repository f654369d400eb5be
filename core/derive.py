"""Settings -> topology: which nodes exist, where they listen, how much of their memory each server may use."""

from dataclasses import dataclass
from hashlib import sha256
from ipaddress import IPv4Network

from core.model import Settings
from core.naming import Names

# Host numbers inside the stack's /24: addresses that may move between balancers, then the first of each tier. One-shot
# steps get .128 and up from the engine.
VIRTUAL_HOSTS = range(2, 5)
FIRST_HOST = {"balancer": 5, "etcd": 10, "postgres": 20, "tomcat": 40}
STEP_RANGE_PREFIX = 25
POSTGRES_NODES_MAX = 5
BALANCERS_MAX = 3
# In the Tomcats' lists from birth on, there or not: a missing one costs a second whenever a new leader is sought.
POSTGRES_NODES_LISTED = 3


@dataclass(frozen=True)
class Node:
    """One server of a tier. The id is its name on the private network, too."""

    id: str
    tier: str
    address: str
    role: str  # at birth; who leads later is Patroni's business


@dataclass(frozen=True)
class Topology:
    """All nodes of a stack, in the order in which they are born."""

    subnet: IPv4Network
    etcd: tuple[Node, ...]
    postgres: tuple[Node, ...]
    tomcats: tuple[Node, ...]
    balancers: tuple[Node, ...]
    postgres_places: tuple[Node, ...]  # every PostgreSQL node that there may ever be, those of now first
    balancer_places: tuple[Node, ...]  # and every balancer

    @property
    def nodes(self) -> tuple[Node, ...]:
        """Every node of every tier."""
        return self.etcd + self.postgres + self.tomcats + self.balancers

    @property
    def listed_postgres_addresses(self) -> tuple[str, ...]:
        """Where clients look for a leader: the same list for up to three nodes."""
        listed = max(POSTGRES_NODES_LISTED, len(self.postgres))
        return tuple(node.address for node in self.postgres_places[:listed])

    @property
    def virtual_ips(self) -> tuple[str, ...]:
        """Addresses that no node has and that may move between the balancers."""
        return tuple(str(self.subnet[host]) for host in VIRTUAL_HOSTS)

    @property
    def step_range(self) -> str:
        """Upper half of the subnet, from which the engine gives addresses to one-shot steps."""
        return str(list(self.subnet.subnets(new_prefix=STEP_RANGE_PREFIX))[1])


def topology(settings: Settings, names: Names) -> Topology:
    """Lay out the nodes of a stack; the same settings always give the same addresses."""
    subnet = IPv4Network(settings.network.subnet) if settings.network.subnet else default_subnet(names)

    def tier(name: str, roles: list[str]) -> tuple[Node, ...]:
        return tuple(
            Node(id=f"{name}-{number}", tier=name, address=_host(subnet, name, number), role=role)
            for number, role in enumerate(roles, start=1)
        )

    postgres = tier("postgres", ["primary"] + ["replica"] * (POSTGRES_NODES_MAX - 1))
    balancers = tier("balancer", ["balancer"] * BALANCERS_MAX)
    return Topology(
        subnet=subnet,
        etcd=tier("etcd", ["member"] * settings.etcd.members),
        postgres=postgres[: 1 + settings.postgres.replicas],
        tomcats=tier("tomcat", ["node"] * settings.tomcat.nodes),
        balancers=balancers[: settings.balancer.nodes],
        postgres_places=postgres,
        balancer_places=balancers,
    )


def default_subnet(names: Names) -> IPv4Network:
    """A /24 between 10.128.0.0 and 10.255.255.0 that depends on the stack's name only, so that stacks rarely meet."""
    digest = sha256(names.owner.encode()).digest()
    return IPv4Network((f"10.{128 + digest[0] % 128}.{digest[1]}.0", 24))


def heap_mib(memory_mib: int) -> int:
    """Java heap for a container limit: threads, class metadata and direct buffers need the rest.

    Measured with the demo package: about 180 MiB outside the heap at 200 threads.
    """
    return min(memory_mib - 220, memory_mib * 3 // 4)


def _host(subnet: IPv4Network, tier: str, number: int) -> str:
    return str(subnet.network_address + FIRST_HOST[tier] + number - 1)
