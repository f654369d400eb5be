"""What a primary and a replica have in common: the same files, the same server, the same gate."""

from dataclasses import dataclass, replace

from pulumi import ComponentResource, Input, Output, Resource

from components.commands import Command, converge, gate
from components.etcd_certificates import Credentials
from components.foundation import Passwords
from components.host import Host
from components.images import BuiltImage
from components.primitives import Service, Volume, service_container, started
from core.bundle import bundle
from core.database import access_values, cluster_values, server_values
from core.derive import Node, Topology
from core.model import PostgresSettings
from core.render import render

DATA = "/var/lib/postgresql"
CREDENTIALS = "/etc/etcd"
SEED_SECONDS = 3600
READY_SECONDS = 180
STEP_MEMORY_MIB = 512


@dataclass(frozen=True, kw_only=True)
class PostgresNodeArgs:
    """Plain fields are settings; an Input is a value that another component produces."""

    host: Host
    image: BuiltImage
    node: Node
    topology: Topology
    settings: PostgresSettings
    etcd_addresses: tuple[Input[str], ...]
    etcd: tuple[Resource, ...]  # must answer before a server starts or a replica copies; the first seed needs nobody
    # Done before a seed begins: an `up` that is killed in the seed must not lose a container that is just being made.
    etcd_starts: tuple[Resource, ...]
    etcd_credentials: Credentials
    passwords: Passwords  # secret outputs: reach the node in files, nowhere else


def seed_command(args: PostgresNodeArgs, volume: Volume, *step: Input[str]) -> list[Input[str]]:
    """Words of a one-shot container that has the node's volume and the stack's network.

    The words know nothing of the other nodes' number: the same ones for every node that there may ever be.
    """
    names = args.host.names
    labels = names.labels(tier="step", node=args.node.id)
    others = [node for node in args.topology.postgres_places if node.id != args.node.id]
    return [
        "step", names.physical(f"{args.node.id}-seed"), str(SEED_SECONDS),
        " ".join(names.volume(node.id) for node in others),
        "--network", args.host.network,
        "--volume", Output.concat(volume.name, f":{DATA}"),
        "--memory", f"{STEP_MEMORY_MIB}m", "--memory-swap", f"{STEP_MEMORY_MIB}m",
        "--log-driver", "json-file", "--log-opt", "max-size=10m",
        "--cap-drop", "ALL",
        "--security-opt", "no-new-privileges",
        "--init",
        *[word for key, value in sorted(labels.items()) for word in ("--label", f"{key}={value}")],
        "--entrypoint", step[0],
        args.image.name,
        ",".join(node.address for node in others),
        *step[1:],
    ]  # fmt: skip


def server_files(settings: PostgresSettings, topology: Topology) -> dict[str, str]:
    """PostgreSQL's own two files, the same on every node and outside the data directory."""
    return {
        "/etc/postgresql/postgresql.conf": render("postgres/postgresql.conf.j2", **server_values(settings)),
        "/etc/postgresql/pg_hba.conf": render("postgres/pg_hba.conf.j2", **access_values(str(topology.subnet))),
    }


def cluster_settings(settings: PostgresSettings) -> str:
    """Patroni's settings for all nodes."""
    return render("patroni/dynamic.json.j2", **cluster_values(settings))


def server(args: PostgresNodeArgs, volume: Volume, seed: Command, parent: ComponentResource) -> Command:
    """Start PostgreSQL under Patroni, which adopts the directory that the seed left.

    A server that runs only reloads its own files: restarts come when every node has them (CyclosDatabase).
    The gate opens when the node leads or streams: which of the two is Patroni's business, not the program's.
    """
    name = args.node.id
    service = Service(
        node=args.node,
        image=args.image.name,
        memory_mib=args.settings.memory_mib,
        stop_grace_seconds=120,
        files={"/etc/patroni/patroni.yml": _patroni(args)},
        secret_files={
            "/etc/patroni/passwords.yml": _patroni_passwords(args),
            **args.etcd_credentials.files(CREDENTIALS),
        },
        volume=volume,
        volume_path=DATA,
    )
    after = [args.image.resource, seed, *args.etcd]
    container = service_container(f"{name}-container", service, host=args.host, parent=parent, after=after)
    configured = converge(
        f"{name}-configuration",
        ["configure", container.name, "reload"],
        host=args.host,
        stdin=bundle(server_files(args.settings, args.topology), mode=0o444),
        triggers=[container.id],
        parent=parent,
    )
    start = started(
        f"{name}-start", service, container, host=args.host, parent=parent, after=[configured], step_down="step-down"
    )
    gate(
        f"{name}-ready",
        ["gate", container.name, str(READY_SECONDS), "serves"],
        host=args.host,
        starts=[start],
        parent=parent,
    )
    return start


def _patroni(args: PostgresNodeArgs) -> Output[str]:
    def written(addresses: list[str]) -> str:
        members = [
            replace(member, address=address) for member, address in zip(args.topology.etcd, addresses, strict=True)
        ]
        return render(
            "patroni/patroni.yml.j2",
            node=args.node,
            scope=args.host.names.owner,
            credentials=CREDENTIALS,
            etcd_members=members,
        )

    return Output.all(*args.etcd_addresses).apply(written)


def _patroni_passwords(args: PostgresNodeArgs) -> Output[str]:
    passwords = args.passwords
    return Output.all(replicator=passwords.replicator, rewinder=passwords.rewinder, restapi=passwords.restapi).apply(
        lambda values: render("patroni/passwords.yml.j2", **values)
    )
