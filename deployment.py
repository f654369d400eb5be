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
from core.load import Stack
from core.outputs import nodes_by_tier, release_record


def deploy(stack: Stack) -> Mapping[str, Input[object]]:
    """Register every resource of a stack, return its outputs; a tier starts when the one below has proved itself."""
    layout, settings = stack.topology, stack.settings
    foundation = Foundation(stack)
    host, passwords = foundation.host, foundation.passwords
    images = Images(host, stack.package)

    etcd = [
        EtcdMember(EtcdMemberArgs(host=host, image=images.etcd, node=node, members=layout.etcd, settings=settings.etcd))
        for node in layout.etcd
    ]
    first, *others = (
        PostgresNodeArgs(
            host=host,
            image=images.postgres,
            node=node,
            topology=layout,
            settings=settings.postgres,
            etcd_addresses=tuple(member.address for member in etcd),
            passwords=passwords,
        )
        for node in layout.postgres
    )
    primary = PostgresPrimary(first, ResourceOptions(depends_on=etcd))
    replicas = [PostgresReplica(other, ResourceOptions(depends_on=primary)) for other in others]
    database = CyclosDatabase(
        CyclosDatabaseArgs(
            host=host,
            topology=layout,
            server_containers=[primary.container_id, *(replica.container_id for replica in replicas)],
            password=passwords.cyclos,
        ),
        ResourceOptions(depends_on=[primary, *replicas]),
    )
    tomcats: list[CyclosTomcatNode] = []
    for node in layout.tomcats:
        below = tomcats[-1] if tomcats else database  # one after the other, so that never more than one is down
        tomcats.append(
            CyclosTomcatNode(
                CyclosTomcatNodeArgs(
                    host=host,
                    image=images.cyclos,
                    node=node,
                    settings=settings.tomcat,
                    max_upload_mib=settings.balancer.max_upload_mib,
                    flavour=stack.package.flavour,
                    release_properties=stack.package.properties,
                    database_user=database.owner,
                    database_name=database.name,
                    database_addresses=layout.reserved_postgres_addresses,
                    database_password=database.password,
                ),
                ResourceOptions(depends_on=below),
            )
        )
    balancer = NginxBalancer(
        NginxBalancerArgs(
            host=host,
            image=images.nginx,
            node=layout.balancers[0],
            settings=settings.balancer,
            upstreams=layout.tomcats,
            upstream_addresses=[tomcat.address for tomcat in tomcats],
            upstream_containers=[tomcat.container_id for tomcat in tomcats],
        ),
        ResourceOptions(depends_on=tomcats),
    )
    return {
        "cyclosUrl": balancer.url,
        "nodes": nodes_by_tier(layout),
        "release": release_record(stack.package, images.names),
    }
