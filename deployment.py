"""The whole cluster, top to bottom. The only file that knows every tier."""

from collections.abc import Mapping

from pulumi import Input, ResourceOptions

from components.cyclos_database import CyclosDatabase, CyclosDatabaseArgs
from components.cyclos_tomcat_node import CyclosTomcatNode, CyclosTomcatNodeArgs
from components.etcd_member import EtcdMember, EtcdMemberArgs
from components.foundation import Foundation
from components.images import Images
from components.nginx_balancer import NginxBalancer, NginxBalancerArgs
from components.postgres_node import PostgresNodeArgs
from components.postgres_primary import PostgresPrimary
from components.postgres_replica import PostgresReplica
from components.protection import Protection
from core.load import Stack
from core.outputs import nodes_by_tier, release_record


def deploy(stack: Stack) -> Mapping[str, Input[object]]:
    """Register every resource of a stack, return its outputs; a tier starts when the one below has proved itself."""
    foundation = Foundation(stack)
    images = Images(foundation.host, stack.package)
    etcd = _etcd(stack, foundation, images)
    database = _database(stack, foundation, images, etcd)
    tomcats = _tomcats(stack, foundation, images, database)
    balancers = _balancers(stack, foundation, images, database, tomcats)
    Protection(disposable=stack.settings.disposable, opts=ResourceOptions(depends_on=balancers))
    return {
        "cyclosUrl": balancers[0].url,
        "nodes": nodes_by_tier(stack.topology),
        "release": release_record(stack.package, images.names),
    }


def _etcd(stack: Stack, foundation: Foundation, images: Images) -> list[EtcdMember]:
    """The dead first and at once: they need each other for a quorum. Then the living, in turn: so they keep it."""
    made: dict[str, EtcdMember] = {}
    for node in sorted(stack.topology.etcd, key=foundation.host.runs):
        args = EtcdMemberArgs(
            host=foundation.host,
            image=images.etcd,
            node=node,
            members=stack.topology.etcd,
            settings=stack.settings.etcd,
            credentials=foundation.certificates.member,
        )
        before = list(made.values()) if foundation.host.runs(node) else []
        made[node.id] = EtcdMember(args, ResourceOptions(depends_on=before))
    return [made[node.id] for node in stack.topology.etcd]


def _database(stack: Stack, foundation: Foundation, images: Images, etcd: list[EtcdMember]) -> CyclosDatabase:
    """The primary, then the replicas, then Cyclos' own database with the proof that it is replicated.

    What is down and has data starts first and at once: any of them may lead while others wait. What has none copies the
    leader meanwhile, so that living ones, which are changed in turn, have somebody to hand over to; the primary is the
    last of them: while it leads, one switchover is enough. When nobody leads, one that is down may do so, or a living
    one after its change: there is nothing to copy before. Where nobody has data at all, the primary makes the first
    database.
    """
    host = foundation.host
    primary, *replicas = stack.topology.postgres
    living = [node for node in (*reversed(replicas), primary) if host.runs(node)]
    down = [node for node in (primary, *replicas) if node not in living]
    is_first = not any(map(host.holds_data, stack.topology.postgres))
    dead = [node for node in down if host.holds_data(node) or (is_first and node == primary)]
    unborn = [node for node in down if node not in dead]
    made: dict[str, PostgresPrimary | PostgresReplica] = {}
    for node in dead + unborn + living if host.is_led else dead + living + unborn:
        args = PostgresNodeArgs(
            host=host,
            image=images.postgres,
            node=node,
            topology=stack.topology,
            settings=stack.settings.postgres,
            etcd_addresses=tuple(member.address for member in etcd),
            etcd=tuple(etcd),
            etcd_starts=tuple(member.start for member in etcd),
            etcd_credentials=foundation.certificates.client,
            passwords=foundation.passwords,
        )
        sources = [] if host.is_led else [made[other.id] for other in dead + living if other.id in made]
        before = [] if node in dead else list(made.values()) if node in living else sources
        component = PostgresPrimary if node == primary else PostgresReplica
        made[node.id] = component(args, ResourceOptions(depends_on=before))
    nodes = [made[node.id] for node in stack.topology.postgres]
    return CyclosDatabase(
        CyclosDatabaseArgs(
            host=host,
            topology=stack.topology,
            settings=stack.settings.postgres,
            server_starts=[node.start for node in nodes],
            password=foundation.passwords.cyclos,
        ),
        ResourceOptions(depends_on=nodes),
    )


def _tomcats(stack: Stack, foundation: Foundation, images: Images, database: CyclosDatabase) -> list[CyclosTomcatNode]:
    """One after the other, so that a change never takes down more than one; the dead first.

    A living node that was replaced while the other one is dead would take every session with it.
    """
    tomcats: dict[str, CyclosTomcatNode] = {}
    for node in sorted(stack.topology.tomcats, key=foundation.host.runs):
        args = CyclosTomcatNodeArgs(
            host=foundation.host,
            image=images.cyclos,
            node=node,
            settings=stack.settings.tomcat,
            cluster_seeds=tuple(seed.address for seed in stack.topology.tomcats[:2]),
            max_upload_mib=stack.settings.balancer.max_upload_mib,
            flavour=stack.package.flavour,
            release_properties=stack.package.properties,
            database_user=database.owner,
            database_name=database.name,
            database_addresses=stack.topology.listed_postgres_addresses,
            database_password=database.password,
        )
        before = list(tomcats.values())[-1:]
        tomcats[node.id] = CyclosTomcatNode(args, ResourceOptions(depends_on=[database, *before]))
    return [tomcats[node.id] for node in stack.topology.tomcats]


def _balancers(
    stack: Stack,
    foundation: Foundation,
    images: Images,
    database: CyclosDatabase,
    tomcats: list[CyclosTomcatNode],
) -> list[NginxBalancer]:
    """The only published ports. Begin beside the Tomcats, end when each of them was reached through each balancer.

    The dead first, living ones one after the other: somebody has the shared address.
    """
    balancers: dict[str, NginxBalancer] = {}
    for node in sorted(stack.topology.balancers, key=foundation.host.runs):
        args = NginxBalancerArgs(
            host=foundation.host,
            image=images.nginx,
            node=node,
            places=stack.topology.balancer_places,
            settings=stack.settings.balancer,
            upstreams=stack.topology.tomcats,
            upstream_addresses=[tomcat.address for tomcat in tomcats],
            upstream_starts=[tomcat.start for tomcat in tomcats],
        )
        before = list(balancers.values()) if foundation.host.runs(node) else []
        balancers[node.id] = NginxBalancer(args, ResourceOptions(depends_on=[database, *before]))
    return [balancers[node.id] for node in stack.topology.balancers]
