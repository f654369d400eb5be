"""A balancer: publishes a port of the stack. Its configuration is pushed and reloaded, never a new container."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from pulumi import ComponentResource, Input, Output, ResourceOptions

from components.commands import Command, converge, gate
from components.host import Host
from components.images import BuiltImage
from components.primitives import Service, service_container
from core.bundle import bundle
from core.derive import Node
from core.model import BalancerSettings
from core.render import render

PORT = 8080
FILES = ("nginx.conf", "proxy.conf", "upstreams.conf")
# What keepalived needs to take an address and to speak VRRP, and nft to let nobody be refused meanwhile.
ADDRESS_CAPABILITIES = ("CAP_NET_ADMIN", "CAP_NET_RAW")
# A node that does not accept a connection within this is passed over.
CONNECT_TIMEOUT_SECONDS = 1
# A request waits this long for its node, so that it outlasts a database failover, and the demo's second wait for a
# connection (docs/timeouts.md).
READ_TIMEOUT_SECONDS = 75
READY_SECONDS = 60
REACH_SECONDS = 60


@dataclass(frozen=True, kw_only=True)
class NginxBalancerArgs:
    """Plain fields are settings; an Input is a value that another component produces."""

    host: Host
    image: BuiltImage
    node: Node
    places: Sequence[Node]  # of every balancer that there may ever be, this one's among them
    settings: BalancerSettings
    upstreams: Sequence[Node]
    upstream_addresses: Sequence[Input[str]]  # in the order of `upstreams`
    upstream_starts: Sequence[Command]  # end when the nodes answer; one that was started anew is asked again


class NginxBalancer(ComponentResource):
    """Server, pushed configuration, then a gate that opens when every node was reached through it."""

    url: Output[str]

    def __init__(self, args: NginxBalancerArgs, opts: ResourceOptions | None = None) -> None:
        name = args.node.id
        port = args.settings.port + args.places.index(args.node)
        super().__init__("cyclos:nginx_balancer:NginxBalancer", name, {}, opts)
        # One that lives is changed last; one that does not starts while the nodes do.
        before = args.upstream_starts if args.host.runs(args.node) else ()
        after = [args.image.resource, *before]
        server = service_container(f"{name}-container", _server(args, port), host=args.host, parent=self, after=after)
        applied = converge(
            f"{name}-configuration",
            ["push", server.name, str(READY_SECONDS), "apply-config"],
            host=args.host,
            stdin=_configuration(args),
            triggers=[server.id],
            found_at=args.host.stopped_at(args.node),
            parent=self,
            after=args.upstream_starts,
        )
        probes = [word for node in args.upstreams for word in (node.id, node.address)]
        gate(
            f"{name}-ready",
            ["gate", server.name, str(REACH_SECONDS), "reaches", *probes],
            host=args.host,
            starts=[applied, *args.upstream_starts],
            parent=self,
        )
        self.url = Output.from_input(_url(args.settings, port))
        self.register_outputs({"url": self.url})


def _server(args: NginxBalancerArgs, port: int) -> Service:
    shared = args.settings.virtual_ip
    return Service(
        node=args.node,
        image=args.image.name,
        memory_mib=args.settings.memory_mib,
        stop_grace_seconds=30,
        stop_signal="SIGQUIT",  # NGINX's graceful stop
        published={PORT: (args.settings.address, port)},
        environment={"VIRTUAL_IP": shared} if shared else {},
        capabilities=ADDRESS_CAPABILITIES if shared else (),
    )


def _url(settings: BalancerSettings, port: int) -> str:
    """Where a browser on the engine's machine finds the balancer; every address is not one that it can open.

    The virtual address is a container's own: it has the container's port, and no published one.
    """
    if settings.virtual_ip:
        return f"http://{settings.virtual_ip}:{PORT}"
    host = "localhost" if settings.address == "0.0.0.0" else settings.address  # noqa: S104 - compared, not bound
    return f"http://{host}:{port}"


def _configuration(args: NginxBalancerArgs) -> Output[str]:
    def written(addresses: list[str]) -> str:
        values = {
            "tomcats": [
                replace(node, address=address) for node, address in zip(args.upstreams, addresses, strict=True)
            ],
            "upload_mib": args.settings.max_upload_mib,
            "connect_timeout_seconds": CONNECT_TIMEOUT_SECONDS,
            "read_timeout_seconds": READ_TIMEOUT_SECONDS,
        }
        files = {file: render(f"nginx/{file}.j2", **values) for file in FILES}
        if args.settings.virtual_ip:
            files["keepalived.conf"] = _address_configuration(args)
        return bundle({f"/etc/nginx/cluster/{file}": text for file, text in files.items()})

    return Output.all(*args.upstream_addresses).apply(written)


def _address_configuration(args: NginxBalancerArgs) -> str:
    return render(
        "keepalived/keepalived.conf.j2",
        node=args.node,
        peers=[peer for peer in args.places if peer != args.node],
        priority=100 - args.places.index(args.node),
        router_id=int(args.settings.virtual_ip.rpartition(".")[2]),
        virtual_ip=args.settings.virtual_ip,
    )
