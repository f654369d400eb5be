"""Where a node runs, and what every node of a stack there shares."""

from dataclasses import dataclass

import pulumi_docker as docker
from pulumi import Output

from core.derive import Node
from core.engine import Engine
from core.naming import Names


@dataclass(frozen=True, kw_only=True)
class Host:
    """One Docker engine, as components see it."""

    url: str
    provider: docker.Provider
    names: Names
    network: Output[str]  # id of the stack's private network
    engine: Engine  # what preflight found there
    moves: bool  # to another subnet, for which every container stops before the first one starts again
    disposable: bool  # whether destroy may delete data

    def runs(self, node: Node) -> bool:
        """Whether the node's container ran when preflight looked, and does so until its own turn comes."""
        return not self.moves and self.engine.runs(self.names.container(node.id))

    def stopped_at(self, node: Node) -> str:
        """When the node's container was found not to run; empty while it does or does not exist."""
        return self.engine.stopped_at(self.names.container(node.id))

    @property
    def is_led(self) -> bool:
        """Whether a PostgreSQL node led when preflight looked; it does so where one has no data and must copy."""
        return self.engine.leader != ""

    def deposed_at(self, node: Node) -> str:
        """When the node was found not to lead, although it shall; empty while it does."""
        return self.engine.deposed_at(self.names.container(node.id))

    def data_missing_at(self, node: Node) -> str:
        """When the node's volume was looked for and not found; empty while it exists."""
        return self.engine.missing_at(self.names.volume(node.id))

    def holds_data(self, node: Node) -> bool:
        """Whether the node's volume existed when preflight looked."""
        return self.names.volume(node.id) in self.engine.volumes
