"""What must be true when everything is over: no acknowledged transfer lost, none that nobody sent, all nodes agree."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import requests

from tests.chaos.connection import SESSION
from tests.chaos.load import Ledger, Load, Transfer
from tests.real.client import Browser
from tests.real.cluster import Cluster
from tests.real.engine import eventually

KEYS = "SELECT key FROM standin.transfers"
TRANSFERS = "SELECT key, payer, payee, amount FROM standin.transfers"
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

    acknowledged_lost: int  # not there, or there as something else
    refused_applied: int
    unasked_applied: int  # under keys that no client has sent
    unknown_applied: int
    booked_again: int  # more rows than keys: an index that is damaged would not refuse the second one
    disagreements: list[str]  # books that do not add up, nodes that differ


def opened(cluster: Cluster) -> Ledger:
    """What the books of a new cluster hold: as if a client had sent it."""
    return Ledger(sent=set(cluster.sql(cluster.leader(), KEYS, "cyclos4").splitlines()))


def audit(cluster: Cluster, load: Load) -> Audit:
    """Read the books when the load is over."""
    disagreements = _failed(
        lambda: _databases_agree(cluster),
        lambda: _books_add_up(cluster),
        lambda: _tomcats_agree(cluster),
        lambda: _sessions_agree(cluster, load),
    )
    rows = [line.split("|") for line in cluster.sql(cluster.leader(), TRANSFERS, "cyclos4").splitlines()]
    booked = {key: Transfer(payer, payee, amount) for key, payer, payee, amount in rows}
    ledger = load.ledger
    lost = [key for key, transfer in ledger.acknowledged.items() if booked.get(key) != transfer]
    # What one run has lost is not counted again in the next.
    for key in lost:
        del ledger.acknowledged[key]
    return Audit(
        acknowledged_lost=len(lost),
        refused_applied=len(ledger.refused & booked.keys()),
        unasked_applied=len(booked.keys() - ledger.sent),
        unknown_applied=len(load.unknown & booked.keys()),
        booked_again=len(rows) - len(booked),
        disagreements=disagreements,
    )


def ask(cluster: Cluster, tomcat: str, path: str) -> dict[str, Any]:
    """An answer of one Tomcat itself, past the balancers."""
    auditor = Browser(cluster, tomcat)
    auditor.login("oscar")
    answer = auditor.get(auditor.url + path, timeout=60)
    assert answer.status_code == requests.codes.ok, answer.text
    found = dict(answer.json())
    assert found["node"] == tomcat
    return found


def _failed(*checks: Callable[[], None]) -> list[str]:
    """What those checks say that fail."""
    said = []
    for check in checks:
        try:
            check()
        except (AssertionError, OSError) as error:
            said.append(str(error))
    return said


def _books_add_up(cluster: Cluster) -> None:
    books = ask(cluster, cluster.tier("tomcat")[0], "/api/audit")
    wrong = {name: books[name] for name in ("total", "unbalanced", "differing", "negative") if float(books[name]) != 0}
    assert not wrong, f"the books do not add up: {wrong}"


def _databases_agree(cluster: Cluster) -> None:
    """Every standby holds the same rows as the leader."""
    nodes = cluster.tier("postgres")

    def agree() -> bool:
        with ThreadPoolExecutor() as pool:
            found = dict(zip(nodes, pool.map(lambda node: cluster.sql(node, ALL_ROWS, "cyclos4"), nodes), strict=True))
        assert len(set(found.values())) == 1, f"the nodes differ: {found}"
        return True

    eventually(agree, "all PostgreSQL nodes hold the same rows")


def _tomcats_agree(cluster: Cluster) -> None:
    """Every Tomcat shows the same accounts and last transfers, from whichever standby."""
    found = {tomcat: ask(cluster, tomcat, "/api/ledger") for tomcat in cluster.tier("tomcat")}
    shown = {tomcat: [ledger[name] for name in ("accounts", "transfers", "total")] for tomcat, ledger in found.items()}
    first = shown[min(shown)]
    assert all(ledger == first for ledger in shown.values()), f"the Tomcats differ: {shown}"


def _sessions_agree(cluster: Cluster, load: Load) -> None:
    """Every Tomcat, one that was away included, has every session as it is now."""
    addresses = {tomcat: cluster.address(tomcat) for tomcat in cluster.tier("tomcat")}
    for client in load.clients:
        session = client.connection.session
        for seen, (tomcat, address) in enumerate(addresses.items(), client.counter + 1):
            url, cookies = f"http://{address}:8080/api/session", {SESSION: session}
            answer = requests.get(url, cookies=cookies, timeout=60)
            assert answer.status_code == requests.codes.ok, f"{tomcat} does not know {client.user}: {answer.text}"
            state = answer.json()
            assert (state["user"], state["counter"]) == (client.user, seen), f"{tomcat} on {client.user}: {state}"
            # The session goes on under the name of the node that was asked.
            session = answer.cookies.get(SESSION) or session
