"""Names on the engine, labels, and what Pulumi calls a stack and its provider. The only place that spells them."""

from dataclasses import dataclass
from hashlib import sha256


@dataclass(frozen=True)
class Names:
    """Names of one stack's objects on the engine: `{project}-{stack}-{logical}`, so that stacks live side by side."""

    project: str
    stack: str
    organization: str = "organization"  # what Pulumi says where the backend knows none

    @property
    def full(self) -> str:
        """Name of the stack by which Pulumi's command line finds it, whichever is selected."""
        return f"{self.organization}/{self.project}/{self.stack}"

    @property
    def owner(self) -> str:
        """Value of the label `cyclos.stack`: whose object this is."""
        return f"{self.project}-{self.stack}"

    def physical(self, logical: str) -> str:
        """Name on the engine of the resource with this logical name."""
        return f"{self.owner}-{logical}"

    def container(self, node: str) -> str:
        """Name on the engine of a node's container."""
        return self.physical(f"{node}-container")

    def volume(self, node: str) -> str:
        """Name on the engine of a node's data."""
        return self.physical(f"{node}-data")

    @staticmethod
    def provider(host: str) -> str:
        """Logical name of the provider for the engine at this address: one per engine, so that nodes move by another.

        The same one with another address would find none of them there and begin anew, with an empty database.
        """
        return f"engine-{sha256(host.encode()).hexdigest()[:8]}"

    @staticmethod
    def birth_labels(members: int) -> dict[str, str]:
        """What a member of the consensus store says of itself beside the usual: how many there were at its birth."""
        return {"cyclos.members": str(members)}

    def labels(self, *, tier: str, node: str) -> dict[str, str]:
        """Labels that every container and volume of the stack carries (docs/architecture.md)."""
        return {"cyclos.stack": self.owner, "cyclos.tier": tier, "cyclos.node": node}
