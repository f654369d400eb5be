"""Every file that reaches a server, for every example, as it is written: the real wiring renders it."""

from collections.abc import Callable

import pytest

from core.render import TEMPLATES, templates_used
from tests.support.files import files_of
from tests.support.goldens import check_goldens
from tests.support.stacks import EXAMPLES, Deployed

FIRST = "-1"


def first_of_each_tier(deployed: Deployed) -> dict[str, str]:
    """Files by `<tier>/<path on the server>`; of a tier's nodes, the first one stands for all."""
    tiers = {node.id: node.tier for node in deployed.stack.topology.nodes if node.id.endswith(FIRST)}
    tiers["database-created"] = "database"
    found = {}
    for name, path, text in files_of(deployed.recording):
        node = name if name in tiers else "-".join(name.split("-")[:2])
        if node in tiers:
            found[f"{tiers[node]}{path}"] = text
    return found


@pytest.mark.parametrize("name", EXAMPLES)
def test_files_of_an_example(name: str, example_of: Callable[[str], Deployed]) -> None:
    """Read as a diff in review; passwords are the mock's."""
    check_goldens(f"files/{name}", first_of_each_tier(example_of(name)))


def test_files_for_an_old_release(old_release: Deployed) -> None:
    """Cyclos 4.0 has another connection pool: one file differs."""
    files = first_of_each_tier(old_release).items()
    check_goldens("files/old-release", {path: text for path, text in files if path.endswith("cyclos.properties")})


def test_nodes_of_a_tier_differ_by_name_and_address_only(production: Deployed) -> None:
    """So that one golden file stands for all of them; keepalived's also names the other balancers and their order."""
    nodes = {node.id: node for node in production.stack.topology.nodes}
    texts = {(name, path): text for name, path, text in files_of(production.recording)}
    compared = set()
    for (name, path), text in texts.items():
        tier, number, purpose = name.split("-", 2) if name.count("-") > 1 else ("", "", "")
        first = texts.get((f"{tier}{FIRST}-{purpose}", path))
        if f"{tier}-{number}" not in nodes or first is None or path.endswith("keepalived.conf"):
            continue
        node = nodes[f"{tier}-{number}"]
        compared.add(node.id)
        for line, expected in zip(text.splitlines(), first.splitlines(), strict=True):
            assert line == expected or node.id in line or node.address in line, f"{path} of {node.id}: {line}"
    assert compared == nodes.keys()


def test_every_template_is_used(each: Deployed, old_release: Deployed) -> None:
    """A template that nothing renders is dead text, and no golden file covers it."""
    assert each.recording.resources
    assert old_release.recording.resources
    there = {str(path.relative_to(TEMPLATES)) for path in TEMPLATES.rglob("*") if path.is_file()}
    assert there == templates_used()
