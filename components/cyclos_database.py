"""Cyclos' database on whoever leads: owner role, database, extensions; then the proof that it is replicated."""

from dataclasses import dataclass
from hashlib import sha256

from pulumi import ComponentResource, Input, Output, ResourceOptions

from components.commands import Command, converge, gate
from components.host import Host
from components.postgres_node import cluster_settings, server_files
from core.bundle import bundle
from core.database import EXTENSIONS, NAME, OWNER
from core.derive import Topology
from core.model import PostgresSettings
from core.render import render

SECONDS = 120
# Nodes may have to be restarted for their settings, one by one, after what a killed `up` has left is over.
SETTLE_SECONDS = 900


@dataclass(frozen=True, kw_only=True)
class CyclosDatabaseArgs:
    """An Input is a value that another component produces."""

    host: Host
    topology: Topology
    settings: PostgresSettings
    server_starts: list[Command]  # what they print: a node that was started anew is proved again
    password: Input[str]  # secret: reaches the leader on stdin, nowhere else


class CyclosDatabase(ComponentResource):
    """Puts the cluster's settings in force, creates what Cyclos needs and reads it back from every standby."""

    name: Output[str]
    password: Output[str]

    def __init__(self, args: CyclosDatabaseArgs, opts: ResourceOptions | None = None) -> None:
        super().__init__("cyclos:cyclos_database:CyclosDatabase", "database", {}, opts)
        containers = [args.host.names.container(node.id) for node in args.topology.postgres]
        # The servers have reloaded these; those who must be restarted for them are, one by one.
        dynamic = {"/dynamic.json": cluster_settings(args.settings)}
        all_files = bundle({**server_files(args.settings, args.topology), **dynamic})
        version = sha256(all_files.encode()).hexdigest()
        settled = converge(
            "database-settings",
            ["on-leader", str(SETTLE_SECONDS), " ".join(containers), "apply-settings"],
            host=args.host,
            stdin=bundle(dynamic),
            triggers=[version],
            parent=self,
        )
        sql = render("postgres/database.sql.j2", database=NAME, owner=OWNER, extensions=EXTENSIONS)
        created = converge(
            "database-created",
            ["on-leader", str(SECONDS), " ".join(containers), "create-database"],
            host=args.host,
            stdin=Output.secret(args.password).apply(
                lambda password: bundle({"/database.sql": sql, "/secrets/cyclos": password})
            ),
            parent=self,
            after=[settled],
        )
        replicated = gate(
            "database-replicated",
            ["replication", str(SECONDS), " ".join(containers), NAME, OWNER, *EXTENSIONS],
            host=args.host,
            starts=args.server_starts,
            parent=self,
            after=[created],
        )
        self._lead(args, containers, version, replicated)
        self.owner = OWNER
        self.name = Output.from_input(NAME)
        self.password = Output.secret(args.password)
        self.register_outputs({"name": self.name})

    def _lead(self, args: CyclosDatabaseArgs, containers: list[str], version: str, replicated: Command) -> None:
        """Where the operator names a leader: switch over whenever it was found that another node leads.

        And when settings have changed: a restart for one of them moves the lead.
        """
        synchronous = str(args.settings.synchronous_replicas)
        for node in args.topology.postgres:
            if node.id == args.settings.leader:
                converge(
                    "database-leader",
                    ["on-leader", str(SETTLE_SECONDS), " ".join(containers), "lead", node.id, synchronous],
                    host=args.host,
                    stdin="",
                    triggers=[node.id, version, *(start.stdout for start in args.server_starts)],
                    found_at=args.host.deposed_at(node),
                    parent=self,
                    after=[replicated],
                )
