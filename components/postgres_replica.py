"""A hot standby. Owns its volume and its copy of the leader's data; never promotes itself."""

from pulumi import ComponentResource, Output, ResourceOptions

from components.commands import once
from components.postgres_node import PostgresNodeArgs, seed_command, server
from components.primitives import data_volume
from core.bundle import bundle


class PostgresReplica(ComponentResource):
    """Volume, a one-shot copy of whoever leads, the server, a gate that opens when it streams."""

    address: Output[str]

    def __init__(self, args: PostgresNodeArgs, opts: ResourceOptions | None = None) -> None:
        name = args.node.id
        super().__init__("cyclos:postgres_replica:PostgresReplica", name, {}, opts)
        # This name is the identity of the data: renaming it asks Pulumi for an empty volume.
        volume = data_volume(f"{name}-data", host=args.host, node=args.node, parent=self)
        seed = once(
            f"{name}-seed",
            seed_command(args, volume, "seed-replica"),
            host=args.host,
            volume=volume.name,
            missing_at=args.host.data_missing_at(args.node),
            stdin=args.passwords.replicator.apply(lambda password: bundle({"/secrets/replicator": password})),
            parent=self,
            after=[args.image.resource, *args.etcd],
        )
        self.start = server(args, volume, seed, self)
        self.address = Output.from_input(args.node.address)
        self.register_outputs({"address": self.address})
