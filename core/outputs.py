"""What a stack tells its operator. No secret is among it."""

from collections.abc import Mapping

from core.derive import Topology
from core.package import Package

DESCRIPTIONS = {
    "cyclosUrl": "Where Cyclos answers: the balancers' virtual address, or else the first balancer's published port",
    "nodes": "Nodes of every tier: name, address on the private network, role at birth (not who leads now)",
    "release": "What runs: version, SHA-256 of the package's content, names of the images",
}


def nodes_by_tier(topology: Topology) -> dict[str, list[dict[str, str]]]:
    """Name, address and role at birth of every node; who leads now is Patroni's to say."""
    tiers: dict[str, list[dict[str, str]]] = {}
    for node in topology.nodes:
        tiers.setdefault(node.tier, []).append({"name": node.id, "address": node.address, "roleAtBirth": node.role})
    return tiers


def release_record(package: Package, images: Mapping[str, str]) -> dict[str, object]:
    """What is carried from one stack to the next: the package's digest and the names of the images."""
    return {"version": package.version, "packageSha256": package.sha256, "images": dict(images)}
