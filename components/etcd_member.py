"""One etcd member: its volume, its server. Knows nothing of PostgreSQL."""

from dataclasses import dataclass

from pulumi import ComponentResource, Output, ResourceOptions

from components.commands import Command, gate
from components.etcd_certificates import Credentials
from components.host import Host
from components.images import BuiltImage
from components.primitives import Service, data_volume, service_container, started
from core.derive import Node
from core.model import EtcdSettings
from core.render import render

CREDENTIALS = "/etc/etcd"
# An election among members that start together takes about a second; the rest is for a slow machine.
READY_SECONDS = 120
# The election timeout is ten times as long. etcd's default of 100 elects anew whenever a busy machine stutters.
HEARTBEAT_MILLISECONDS = 250


@dataclass(frozen=True, kw_only=True)
class EtcdMemberArgs:
    """Plain fields are settings; all members are known before the first one starts."""

    host: Host
    image: BuiltImage
    node: Node
    members: tuple[Node, ...]
    settings: EtcdSettings
    credentials: Credentials


class EtcdMember(ComponentResource):
    """Volume, server. The gate is a member of its own: it opens only with a quorum, so all members must start first."""

    address: Output[str]
    start: Command

    def __init__(self, args: EtcdMemberArgs, opts: ResourceOptions | None = None) -> None:
        name = args.node.id
        super().__init__("cyclos:etcd_member:EtcdMember", name, {}, opts)
        volume = data_volume(f"{name}-data", host=args.host, node=args.node, parent=self)
        configuration = render(
            "etcd/etcd.yml.j2",
            node=args.node,
            members=args.members,
            token=args.host.names.owner,
            credentials=CREDENTIALS,
            heartbeat_milliseconds=HEARTBEAT_MILLISECONDS,
            election_milliseconds=10 * HEARTBEAT_MILLISECONDS,
        )
        service = Service(
            node=args.node,
            image=args.image.name,
            memory_mib=args.settings.memory_mib,
            stop_grace_seconds=30,
            files={"/etc/etcd/etcd.yml": configuration},
            secret_files=args.credentials.files(CREDENTIALS),
            volume=volume,
            volume_path="/var/lib/etcd",
            labels=args.host.names.birth_labels(len(args.members)),
        )
        server = service_container(
            f"{name}-container", service, host=args.host, parent=self, after=[args.image.resource]
        )
        start = started(f"{name}-start", service, server, host=args.host, parent=self)
        gate(
            f"{name}-ready",
            ["gate", server.name, str(READY_SECONDS), "ready"],
            host=args.host,
            starts=[start],
            parent=self,
        )
        self.start = start
        self.address = Output.from_input(args.node.address)
        self.register_outputs({"address": self.address})
