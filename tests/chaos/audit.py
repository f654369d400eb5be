"""What must be true when everything is over: no acknowledged transfer lost, none booked twice, all nodes agree."""

from dataclasses import dataclass
from typing import Any

import requests

from tests.chaos.load import Load
from tests.real.client import Browser
from tests.real.cluster import Cluster
from tests.real.engine import eventually

PAGE = 5000
ALL_ROWS = "SELECT count(*), md5(string_agg(t::text, ';' ORDER BY id)) FROM standin.transfers t"


@dataclass(frozen=True)
class Audit:
    """What the books say about what the clients remember."""

    acknowledged_lost: int
    unacknowledged_applied: int
    refused_applied: int
    booked_twice: int


def audit(cluster: Cluster, load: Load) -> Audit:
    """Read the books when the load is over; fails when they do not add up or the nodes differ."""
    auditor = Browser(cluster)
    auditor.login("oscar")
    books = _get(auditor, "/api/audit")
    wrong = {name: books[name] for name in ("total", "unbalanced", "differing", "negative") if float(books[name]) != 0}
    assert not wrong, f"the books do not add up: {wrong}"
    _nodes_agree(cluster)
    keys = _keys(auditor)
    known = set(keys)
    return Audit(
        acknowledged_lost=len(load.acknowledged - known),
        unacknowledged_applied=len(load.unknown & known),
        refused_applied=len(load.refused & known),
        booked_twice=len(keys) - len(known),
    )


def _keys(auditor: Browser) -> list[str]:
    keys: list[str] = []
    last = 0
    while page := _get(auditor, f"/api/transfers?after={last}&limit={PAGE}")["transfers"]:
        keys += [transfer["key"] for transfer in page]
        last = page[-1]["id"]
    return keys


def _get(auditor: Browser, path: str) -> dict[str, Any]:
    answer = auditor.get(auditor.url + path, timeout=60)
    assert answer.status_code == requests.codes.ok, answer.text
    return dict(answer.json())


def _nodes_agree(cluster: Cluster) -> None:
    """Every standby holds the same rows as the leader, every Tomcat shows the same books."""
    nodes = cluster.tier("postgres")

    def agree() -> bool:
        found = {node: cluster.sql(node, ALL_ROWS, "cyclos4") for node in nodes}
        assert len(set(found.values())) == 1, f"the nodes differ: {found}"
        return True

    eventually(agree, "all PostgreSQL nodes hold the same transfers")
