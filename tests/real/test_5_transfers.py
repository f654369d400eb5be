"""What the demo's ledger refuses, and that `/api`, which gates rely on, knows a database that is gone."""

from concurrent.futures import ThreadPoolExecutor

import pytest
import requests

from tests.real.client import Browser
from tests.real.cluster import Cluster
from tests.real.engine import docker, eventually


def balance(cluster: Cluster, user: str) -> str:
    """What an account holds, as the leader knows it."""
    balances = cluster.sql(cluster.leader(), "SELECT name, balance FROM standin.accounts", "cyclos4")
    return dict(line.split("|") for line in balances.splitlines())[user]


def test_nobody_spends_what_is_not_there(cluster: Cluster) -> None:
    """The refused transfer leaves no trace."""
    browser = Browser(cluster)
    browser.login("kevin")
    before = balance(cluster, "kevin")
    assert browser.transfer("laura", "1000000.00", "too-much").status_code == requests.codes.conflict
    assert balance(cluster, "kevin") == before
    answer = browser.get(f"{cluster.url}/api/transfers/too-much", timeout=10)
    assert answer.status_code == requests.codes.not_found


def test_of_two_at_once_that_spend_all_one_is_refused(cluster: Cluster) -> None:
    """Whichever nodes they reach."""
    all_of_it = balance(cluster, "mallory")

    def spend(key: str) -> int:
        browser = Browser(cluster)
        browser.login("mallory")
        return browser.transfer("nina", all_of_it, key).status_code

    with ThreadPoolExecutor() as both:
        assert sorted(both.map(spend, ("first", "second"))) == [requests.codes.created, requests.codes.conflict]
    assert balance(cluster, "mallory") == "0.00"


@pytest.mark.parametrize(
    ("to", "amount", "status"),
    [
        ("nobody", "1.00", 404),
        ("peggy", "1.00", 400),
        ("rosa", "-1.00", 400),
        ("rosa", "0.001", 400),
        ("rosa", "x", 400),
    ],
)
def test_a_transfer_that_makes_no_sense_is_refused(cluster: Cluster, to: str, amount: str, status: int) -> None:
    """An unknown payee, oneself, less than nothing, less than a cent, no number."""
    browser = Browser(cluster)
    browser.login("peggy")
    assert browser.transfer(to, amount, "senseless").status_code == status


def test_an_audit_pages_through_all_transfers(cluster: Cluster) -> None:
    """In the order of their ids, each with two entries that add up to nothing."""
    auditor = Browser(cluster)
    auditor.login("oscar")
    seen: list[dict[str, object]] = []
    while page := auditor.get(
        f"{cluster.url}/api/transfers?limit=7&after={seen[-1]['id'] if seen else 0}", timeout=10
    ).json()["transfers"]:
        seen += page
    booked = cluster.sql(cluster.leader(), "SELECT key FROM standin.transfers ORDER BY id", "cyclos4").splitlines()
    assert [transfer["key"] for transfer in seen] == booked
    assert len(booked) > 7
    assert all((transfer["entries"], float(str(transfer["sum"]))) == (2, 0) for transfer in seen)


def test_a_stranger_gets_nothing(cluster: Cluster) -> None:
    """Neither with a wrong password nor without a session."""
    wrong = {"user": "alice", "password": "wrong"}
    assert (
        requests.post(f"{cluster.url}/api/session", json=wrong, timeout=10).status_code == requests.codes.unauthorized
    )
    assert Browser(cluster).transfer("bob", "1.00", "stolen").status_code == requests.codes.unauthorized


def test_api_knows_that_the_database_is_gone(restless: Cluster) -> None:
    """A Tomcat that cannot reach any is not ready."""
    docker("stop", *(restless.container(node) for node in restless.tier("postgres")))
    eventually(lambda: requests.get(f"{restless.url}/api", timeout=30).status_code == 503, "/api notices")
    assert not restless.succeeds("tomcat-1", "ready")
