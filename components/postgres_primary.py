"""The node that is born as primary. Seeds an empty database once; who leads afterwards is Patroni's business."""

from pulumi import ComponentResource, Output, ResourceOptions

from components.commands import converge, once
from components.postgres_node import READY_SECONDS, PostgresNodeArgs, seed_command, server, server_files
from components.primitives import data_volume
from core.bundle import bundle
from core.database import cluster_values
from core.render import render


class PostgresPrimary(ComponentResource):
    """Volume, a one-shot seed (initialise, stop, verify, reset the log), the server, the cluster's settings."""

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
        nodes = " ".join(args.host.names.container(node.id) for node in args.topology.postgres)
        # Waits for a leader at birth and whenever the settings change, not when the node is merely started again: the
        # leader may then be a replica that is stopped as well.
        self.settled = converge(
            f"{name}-settings",
            ["on-leader", str(READY_SECONDS), nodes, "apply-settings"],
            host=args.host,
            stdin=bundle({"/dynamic.json": _cluster_settings(args)}),
            parent=self,
            after=[self.start],
        )
        self.address = Output.from_input(args.node.address)
        self.register_outputs({"address": self.address})


def _consensus(args: PostgresNodeArgs) -> list[Output[str]]:
    return [Output.format("http://{0}:2379", address) for address in args.etcd_addresses]


def _cluster_settings(args: PostgresNodeArgs) -> str:
    return render("patroni/dynamic.json.j2", **cluster_values(args.settings))


def _seed_files(args: PostgresNodeArgs) -> Output[str]:
    files = {**server_files(args), "/dynamic.json": _cluster_settings(args)}
    return Output.all(replicator=args.passwords.replicator, rewinder=args.passwords.rewinder).apply(
        lambda roles: bundle(files | {f"/secrets/{role}": password for role, password in roles.items()})
    )
