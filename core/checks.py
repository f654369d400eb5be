"""Rules that pydantic's limits cannot say: across fields, or about the form of a value."""

import re
from ipaddress import AddressValueError, IPv4Address, IPv4Network

from core.model import Settings
from core.problems import Problem

PRIVATE = tuple(IPv4Network(network) for network in ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16"))
SUBNET_PREFIX = 24
LAST_PORT = 65_535
# The demo's two pools hold 20 and 10; Patroni, replication and PostgreSQL's own reserve take the rest.
CONNECTIONS_PER_TOMCAT = 30
CONNECTIONS_KEPT = 10
ENGINE = re.compile(r"unix:///\S+|(tcp|ssh)://[^\s/]\S*")


def problems(settings: Settings) -> list[Problem]:
    """Every broken rule of settings that are well-formed one by one."""
    return [
        *_members(settings.etcd.members),
        *_connections(settings),
        *_synchronous(settings),
        *_leader(settings),
        *_timings(settings),
        *_subnet(settings.network.subnet),
        *_address(settings.balancer.address),
        *_ports(settings),
        *_virtual_ip(settings),
        *_engine(settings.engine.host),
    ]


def _members(given: int) -> list[Problem]:
    if given % 2:
        return []
    rule = f"must be odd: {given} members survive no more failures than {given - 1}"
    return [Problem("etcd.members", given, rule, f"pulumi config set --path etcd.members {given - 1}")]


def _connections(settings: Settings) -> list[Problem]:
    """Every node must find room for its pools; the one that does not would never become ready."""
    nodes, given = settings.tomcat.nodes, settings.postgres.max_connections
    needed = nodes * CONNECTIONS_PER_TOMCAT + CONNECTIONS_KEPT
    if given >= needed:
        return []
    rule = (
        f"must be at least {needed} for {nodes} Tomcat nodes ({CONNECTIONS_PER_TOMCAT} each, {CONNECTIONS_KEPT} kept)"
    )
    return [
        Problem("postgres.maxConnections", given, rule, f"pulumi config set --path postgres.maxConnections {needed}")
    ]


def _synchronous(settings: Settings) -> list[Problem]:
    given, replicas = settings.postgres.synchronous_replicas, settings.postgres.replicas
    if given <= replicas:
        return []
    rule = f"must not exceed the number of replicas, which is {replicas}: no commit would ever be confirmed"
    cure = f"pulumi config set --path postgres.synchronousReplicas {replicas}"
    return [Problem("postgres.synchronousReplicas", given, rule, cure)]


def _leader(settings: Settings) -> list[Problem]:
    given = settings.postgres.leader
    nodes = [f"postgres-{number}" for number in range(1, settings.postgres.replicas + 2)]
    if given in {"", *nodes}:
        return []
    rule = f"is not a PostgreSQL node of this stack ({', '.join(nodes)})"
    return [Problem("postgres.leader", given, rule, "pulumi config rm --path postgres.leader")]


def _timings(settings: Settings) -> list[Problem]:
    """Patroni's rule: a round with two attempts to reach the store must fit, or a living leader could lose its key."""
    postgres = settings.postgres
    needed = postgres.loop_wait_seconds + 2 * postgres.retry_timeout_seconds
    if postgres.ttl_seconds >= needed:
        return []
    rule = f"must be at least loopWaitSeconds + 2 x retryTimeoutSeconds, which is {needed}"
    cure = f"pulumi config set --path postgres.ttlSeconds {needed}"
    return [Problem("postgres.ttlSeconds", postgres.ttl_seconds, rule, cure)]


def _subnet(given: str) -> list[Problem]:
    rule = _subnet_rule(given) if given else ""
    cure = "pulumi config set --path network.subnet 10.200.1.0/24"
    return [Problem("network.subnet", given, rule, cure)] if rule else []


def _subnet_rule(given: str) -> str:
    try:
        network = IPv4Network(given)
    except ValueError:
        return "must be an IPv4 network such as 10.200.1.0/24, host bits zero"
    if network.prefixlen != SUBNET_PREFIX:
        return "must be a /24: every node has a fixed place in it"
    if not any(network.subnet_of(private) for private in PRIVATE):
        return "must be private (RFC 1918)"
    return ""


def _address(given: str) -> list[Problem]:
    try:
        IPv4Address(given)
    except AddressValueError:
        cure = "pulumi config set --path balancer.address 127.0.0.1"
        return [Problem("balancer.address", given, "must be an IPv4 address of the engine's machine", cure)]
    return []


def _ports(settings: Settings) -> list[Problem]:
    last = settings.balancer.port + settings.balancer.nodes - 1
    if last <= LAST_PORT:
        return []
    rule = f"leaves no port for {settings.balancer.nodes} balancers: the last one would publish {last}"
    return [Problem("balancer.port", settings.balancer.port, rule, "pulumi config set --path balancer.port 8080")]


def _virtual_ip(settings: Settings) -> list[Problem]:
    given = settings.balancer.virtual_ip
    if given and settings.balancer.nodes == 1:
        rule = "needs two balancers or more, or it has nowhere to move to"
        return [Problem("balancer.virtualIp", given, rule, "pulumi config set --path balancer.nodes 2")]
    return []


def _engine(given: str) -> list[Problem]:
    if ENGINE.fullmatch(given):
        return []
    cure = "pulumi config set --path engine.host unix:///var/run/docker.sock"
    return [Problem("engine.host", given, "must be unix:///PATH, tcp://HOST:PORT or ssh://USER@HOST", cure)]
