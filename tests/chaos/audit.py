"""What must be true when everything is over: no acknowledged transfer lost, none booked twice, all nodes agree."""

from dataclasses import dataclass
from typing import Any

import requests

from tests.chaos.connection import SESSION
from tests.chaos.load import Load
from tests.real.client import Browser
from tests.real.cluster import Cluster
from tests.real.engine import eventually

PAGE = 5000
ALL_ROWS = """
    SELECT 'users', count(*), sum(hashtextextended(r::text, 0)) FROM standin.users r
    UNION ALL SELECT 'accounts', count(*), sum(hashtextextended(r::text, 0)) FROM standin.accounts r
    UNION ALL SELECT 'transfers', count(*), sum(hashtextextended(r::text, 0)) FROM standin.transfers r
    UNION ALL SELECT 'entries', count(*), sum(hashtextextended(r::text, 0)) FROM standin.entries r
    ORDER BY 1
"""


@dataclass(frozen=True)
class Audit:
    """What the books say about what the clients remember."""

    acknowledged_lost: int
    refused_applied: int
    booked_twice: int
    unknown_applied: int


def audit(cluster: Cluster, load: Load) -> Audit:
    """Read the books when the load is over; fails when they do not add up or the nodes differ."""
    books, _ = _books(cluster, cluster.tier("tomcat")[0])
    wrong = {name: books[name] for name in ("total", "unbalanced", "differing", "negative") if float(books[name]) != 0}
    assert not wrong, f"the books do not add up: {wrong}"
    _databases_agree(cluster)
    _tomcats_agree(cluster)
    _sessions_agree(cluster, load)
    ledger = load.ledger
    keys = _keys(cluster)
    known = set(keys)
    found = Audit(
        acknowledged_lost=len(ledger.acknowledged - known),
        refused_applied=len(ledger.refused & known),
        booked_twice=len(keys) - len(known),
        unknown_applied=len(load.unknown & known),
    )
    # What one run has lost is not counted again in the next.
    ledger.acknowledged.intersection_update(known)
    return found


def _keys(cluster: Cluster) -> list[str]:
    auditor = _auditor(cluster, cluster.url)
    keys: list[str] = []
    last = 0
    while page := _get(auditor, f"/api/transfers?after={last}&limit={PAGE}")["transfers"]:
        keys += [transfer["key"] for transfer in page]
        last = page[-1]["id"]
    return keys


def _auditor(cluster: Cluster, url: str) -> Browser:
    auditor = Browser(cluster)
    auditor.url = url
    auditor.login("oscar")
    return auditor


def _get(auditor: Browser, path: str) -> dict[str, Any]:
    answer = auditor.get(auditor.url + path, timeout=60)
    assert answer.status_code == requests.codes.ok, answer.text
    return dict(answer.json())


def _books(cluster: Cluster, tomcat: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """The audit of the leader and the accounts of a standby, asked of one Tomcat itself, past the balancers."""
    auditor = _auditor(cluster, f"http://{cluster.address(tomcat)}:8080")
    books, ledger = _get(auditor, "/api/audit"), _get(auditor, "/api/ledger")
    assert books.pop("node") == ledger.pop("node") == tomcat
    return books, {name: ledger[name] for name in ("accounts", "transfers", "total")}


def _databases_agree(cluster: Cluster) -> None:
    """Every standby holds the same rows as the leader."""
    nodes = cluster.tier("postgres")

    def agree() -> bool:
        found = {node: cluster.sql(node, ALL_ROWS, "cyclos4") for node in nodes}
        assert len(set(found.values())) == 1, f"the nodes differ: {found}"
        return True

    eventually(agree, "all PostgreSQL nodes hold the same rows")


def _tomcats_agree(cluster: Cluster) -> None:
    """Every Tomcat shows the same books."""
    found = {tomcat: _books(cluster, tomcat) for tomcat in cluster.tier("tomcat")}
    first = found[min(found)]
    assert all(books == first for books in found.values()), f"the Tomcats differ: {found}"


def _sessions_agree(cluster: Cluster, load: Load) -> None:
    """Every Tomcat, one that was away included, has every session as it is now."""
    for client in load.clients:
        session = client.connection.session
        for seen, tomcat in enumerate(cluster.tier("tomcat"), client.counter + 1):
            url, cookies = f"http://{cluster.address(tomcat)}:8080/api/session", {SESSION: session}
            answer = requests.get(url, cookies=cookies, timeout=60)
            assert answer.status_code == requests.codes.ok, f"{tomcat} does not know {client.user}: {answer.text}"
            state = answer.json()
            assert (state["user"], state["counter"]) == (client.user, seen), f"{tomcat} on {client.user}: {state}"
            # The session goes on under the name of the node that was asked.
            session = answer.cookies.get(SESSION) or session
