"""The whole cluster, top to bottom. The only file that knows every tier."""

from collections.abc import Mapping

from pulumi import Input, Resource, ResourceOptions

from components.cyclos_database import CyclosDatabase, CyclosDatabaseArgs
from components.cyclos_tomcat_node import CyclosTomcatNode, CyclosTomcatNodeArgs
from components.etcd_member import EtcdMember, EtcdMemberArgs
from components.foundation import Foundation
from components.images import Images
from components.nginx_balancer import NginxBalancer, NginxBalancerArgs
from components.postgres_node import PostgresNodeArgs
from components.postgres_primary import PostgresPrimary
from components.postgres_replica import PostgresReplica
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
    return {
        "cyclosUrl": balancers[0].url,
        "nodes": nodes_by_tier(stack.topology),
        "release": release_record(stack.package, images.names),
    }


def _etcd(stack: Stack, foundation: Foundation, images: Images) -> list[EtcdMember]:
    """The dead at once: they need each other for a quorum. The living one after the other: so they keep it."""
    made: list[EtcdMember] = []
    for node in stack.topology.etcd:
        args = EtcdMemberArgs(
            host=foundation.host,
            image=images.etcd,
            node=node,
            members=stack.topology.etcd,
            settings=stack.settings.etcd,
            credentials=foundation.certificates.member,
        )
        before = made[-1:] if foundation.host.runs(node) else []
        made.append(EtcdMember(args, ResourceOptions(depends_on=before)))
    return made


def _database(stack: Stack, foundation: Foundation, images: Images, etcd: list[EtcdMember]) -> CyclosDatabase:
    """The primary, then the replicas, then Cyclos' own database with the proof that it is replicated.

    A living replica is changed when the node before it serves again. A dead one waits only for the birth of the first
    database: it may be the leader that the others wait for, the first one too if its volume was lost.
    """
    first, *others = (
        PostgresNodeArgs(
            host=foundation.host,
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
        for node in stack.topology.postgres
    )
    primary = PostgresPrimary(first)
    replicas: list[PostgresReplica] = []
    for other in others:
        if foundation.host.runs(other.node):
            before: list[Resource] = [primary, *replicas[-1:]]
        else:
            before = [] if foundation.host.holds_data(other.node) else [primary]
        replicas.append(PostgresReplica(other, ResourceOptions(depends_on=before)))
    return CyclosDatabase(
        CyclosDatabaseArgs(
            host=foundation.host,
            topology=stack.topology,
            settings=stack.settings.postgres,
            server_starts=[primary.start, *(replica.start for replica in replicas)],
            password=foundation.passwords.cyclos,
        ),
        ResourceOptions(depends_on=[primary, *replicas]),
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

    Living ones are changed one after the other.
    """
    balancers: list[NginxBalancer] = []
    for node in stack.topology.balancers:
        args = NginxBalancerArgs(
            host=foundation.host,
            image=images.nginx,
            node=node,
            balancers=stack.topology.balancers,
            settings=stack.settings.balancer,
            upstreams=stack.topology.tomcats,
            upstream_addresses=[tomcat.address for tomcat in tomcats],
            upstream_starts=[tomcat.start for tomcat in tomcats],
        )
        before = balancers[-1:] if foundation.host.runs(node) else []
        balancers.append(NginxBalancer(args, ResourceOptions(depends_on=[database, *before])))
    return balancers
