"""One Tomcat with the Cyclos web app. Shares its HTTP sessions with every other node of the tier."""

from collections.abc import Mapping
from dataclasses import dataclass

import javaproperties
from pulumi import ComponentResource, Input, Output, ResourceOptions

from components.host import Host
from components.images import BuiltImage
from components.primitives import Service, service_container, started
from core.derive import Node, heap_mib
from core.model import TomcatSettings
from core.render import render
from cyclos_package import Flavour, cluster_properties

HOME = "/opt/tomcat"
# Every Tomcat answers to this name: the members of the session cluster find each other by it.
CLUSTER_NAME = "tomcat"
# The first start of a release creates or migrates the schema, which takes minutes.
READY_SECONDS = 900
MAX_THREADS = 200
# Requests under way get this long when a node is stopped; the engine kills it after STOP_GRACE_SECONDS.
GRACEFUL_STOP_SECONDS = 30
STOP_GRACE_SECONDS = 60
PROPERTIES_TEMPLATE = {
    Flavour.HIKARICP: "cyclos/cyclos.properties.j2",
    Flavour.C3P0: "cyclos/cyclos-c3p0.properties.j2",
}


@dataclass(frozen=True, kw_only=True)
class CyclosTomcatNodeArgs:
    """Plain fields are settings; an Input is a value that another component produces."""

    host: Host
    image: BuiltImage
    node: Node
    settings: TomcatSettings
    # Whom a new member of Cyclos' own cluster asks: the two that always exist, so that no list ever changes.
    cluster_seeds: tuple[str, ...]
    max_upload_mib: int
    flavour: Flavour
    release_properties: str
    database_user: str
    database_name: Input[str]
    database_addresses: tuple[str, ...]  # every address a PostgreSQL node may ever have, the first primary's first
    database_password: Input[str]  # secret: reaches the node in cyclos.properties, nowhere else


class CyclosTomcatNode(ComponentResource):
    """A server with its configuration, started until `/api` answers 200."""

    address: Output[str]

    def __init__(self, args: CyclosTomcatNodeArgs, opts: ResourceOptions | None = None) -> None:
        name = args.node.id
        super().__init__("cyclos:cyclos_tomcat_node:CyclosTomcatNode", name, {}, opts)
        service = Service(
            node=args.node,
            image=args.image.name,
            memory_mib=args.settings.memory_mib,
            stop_grace_seconds=STOP_GRACE_SECONDS,
            files=_server_files(args),
            secret_files={f"{HOME}/webapps/ROOT/WEB-INF/classes/cyclos.properties": _cyclos_properties(args)},
            environment={
                "CLUSTER_TCPIP": ",".join(args.cluster_seeds),
                "DNS_MEMBERSHIP_SERVICE_NAME": CLUSTER_NAME,
            },
            aliases=(CLUSTER_NAME,),
        )
        server = service_container(
            f"{name}-container", service, host=args.host, parent=self, after=[args.image.resource]
        )
        until = [str(READY_SECONDS), "ready"]
        self.start = started(
            f"{name}-start", service, server, host=args.host, parent=self, until=until, step_down="step-down"
        )
        self.address = Output.from_input(args.node.address)
        self.register_outputs({"address": self.address})


def _server_files(args: CyclosTomcatNodeArgs) -> Mapping[str, str]:
    values = {
        "node_id": args.node.id,
        "heap_mib": heap_mib(args.settings.memory_mib),
        "max_threads": MAX_THREADS,
        "upload_bytes": args.max_upload_mib * 1024 * 1024,
        "graceful_stop_milliseconds": GRACEFUL_STOP_SECONDS * 1000,
    }
    files = ("server.xml", "context.xml", "logging.properties", "jvm.options")
    return {f"{HOME}/conf/{file}": render(f"tomcat/{file}.j2", **values) for file in files}


def _cyclos_properties(args: CyclosTomcatNodeArgs) -> Output[str]:
    """Take the release's own file and set the cluster's values, the database password among them."""

    def written(values: list[str]) -> str:
        password, database = values
        text = render(
            PROPERTIES_TEMPLATE[args.flavour],
            database_addresses=",".join(args.database_addresses),
            jdbc_addresses=",".join(f"{address}:5432" for address in args.database_addresses),
            database_name=database,
            database_user=args.database_user,
            database_password=password,
            socket_timeout_seconds=args.settings.database_seconds,
        )
        return cluster_properties(args.release_properties, javaproperties.loads(text))

    return Output.secret(Output.all(args.database_password, args.database_name).apply(written))
