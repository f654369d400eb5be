"""The node that is born as primary. Seeds an empty database once; who leads afterwards is Patroni's business."""

from pulumi import ComponentResource, Output, ResourceOptions

from components.commands import once
from components.postgres_node import PostgresNodeArgs, cluster_settings, seed_command, server, server_files
from components.primitives import data_volume
from core.bundle import bundle


class PostgresPrimary(ComponentResource):
    """Volume, a one-shot seed (initialise, stop, verify, reset the log), the server, a gate."""

    address: Output[str]

    def __init__(self, args: PostgresNodeArgs, opts: ResourceOptions | None = None) -> None:
        name = args.node.id
        super().__init__("cyclos:postgres_primary:PostgresPrimary", name, {}, opts)
        # This name is the identity of the data: renaming it asks Pulumi for an empty volume.
        volume = data_volume(f"{name}-data", host=args.host, node=args.node, parent=self)
        seed = once(
            f"{name}-seed",
            seed_command(args, volume, "seed-primary", args.host.names.owner, *_consensus(args)),
            host=args.host,
            volume=volume.name,
            missing_at=args.host.data_missing_at(args.node),
            stdin=_seed_files(args),
            parent=self,
            after=[args.image.resource, *args.etcd_starts],
        )
        self.start = server(args, volume, seed, self)
        self.address = Output.from_input(args.node.address)
        self.register_outputs({"address": self.address})


def _consensus(args: PostgresNodeArgs) -> list[Output[str]]:
    return [Output.format("https://{0}:2379", address) for address in args.etcd_addresses]


def _seed_files(args: PostgresNodeArgs) -> Output[str]:
    secrets = {
        "/secrets/replicator": args.passwords.replicator,
        "/secrets/rewinder": args.passwords.rewinder,
        **args.etcd_credentials.files("/secrets/etcd"),
    }
    files = {**server_files(args.settings, args.topology), "/dynamic.json": cluster_settings(args.settings)}
    return Output.all(**secrets).apply(lambda texts: bundle(files | texts))
