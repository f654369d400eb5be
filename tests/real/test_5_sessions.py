"""A Tomcat dies; nobody is logged out and no transfer is lost."""

import json
import time
from concurrent.futures import ThreadPoolExecutor

import requests

from tests.real.client import Browser
from tests.real.cluster import Cluster
from tests.real.engine import docker, eventually, wait_since

# Longer than `fail_timeout` (docs/timeouts.md): then a balancer sends a request to find out.
FORGIVEN_SECONDS = 6


def test_the_session_lives_on_when_its_node_is_killed(restless: Cluster) -> None:
    """Same user, same counter, on the other node; twice, so that both ways are seen."""
    browser = Browser(restless)
    browser.login("alice")
    for expected in (1, 3):
        before = browser.state()
        assert (before["user"], before["counter"]) == ("alice", expected)
        docker("kill", restless.container(before["node"]))
        after = browser.state()
        assert after["node"] != before["node"]
        assert (after["user"], after["counter"]) == ("alice", expected + 1)
        restless.revive()


def test_a_transfer_is_booked_once_across_the_death_of_a_node(restless: Cluster) -> None:
    """The same key may be sent again to whoever lives."""
    browser = Browser(restless)
    browser.login("bob")
    assert browser.transfer("carol", "1.50", "once").status_code == requests.codes.created
    docker("kill", restless.container(browser.state()["node"]))
    assert browser.transfer("carol", "1.50", "once").status_code == requests.codes.ok
    assert browser.transfer("carol", "2.50", "once").status_code == requests.codes.unprocessable_entity
    ledger = browser.get(f"{restless.url}/api/ledger", timeout=30).json()
    assert ledger["total"] == 0
    assert ledger["standby"] is True


def test_all_users_of_a_dead_node_are_served_although_the_others_were_dead_once(restless: Cluster) -> None:
    """What a balancer remembers of a failure long ago must not send most of those who come at once away."""
    nodes = [restless.container(node) for node in restless.tier("tomcat")]
    users = 12

    def status(_: int = 0) -> int:
        session = {"JSESSIONID": "long-gone.tomcat-1"}
        return requests.get(f"{restless.url}/api/session", cookies=session, timeout=60).status_code

    docker("stop", *nodes)
    assert status() in {requests.codes.bad_gateway, requests.codes.gateway_timeout}, "nobody is there"
    restless.revive()
    wait_since(time.monotonic(), FORGIVEN_SECONDS)
    docker("stop", restless.container("tomcat-1"))
    with ThreadPoolExecutor(users) as pool:
        assert set(pool.map(status, range(users))) == {requests.codes.ok}


def test_a_client_cannot_forge_its_address(cluster: Cluster) -> None:
    """Cyclos blocks and logs by it."""
    forged = {"X-Forwarded-For": "6.6.6.6", "X-Forwarded-Proto": "https", "X-Real-IP": "6.6.6.6"}
    state = requests.get(f"{cluster.url}/api/session", headers=forged, timeout=10).json()
    assert "6.6.6.6" not in json.dumps(state)
    assert state["secure"] is False
    assert state["forwardedFor"] == state["address"]


def test_too_large_an_upload_is_refused_by_the_balancer(cluster: Cluster) -> None:
    """Before it fills a Tomcat; the default is 50 MiB."""
    answer = requests.post(f"{cluster.url}/api/session", data=b"x" * (51 * 1024 * 1024), timeout=60)
    assert answer.status_code == requests.codes.request_entity_too_large


def test_the_access_log_names_the_node_that_served(cluster: Cluster) -> None:
    """One JSON object a line."""
    browser = Browser(cluster)
    node = browser.state()["node"]
    address = cluster.execute(node, "hostname", "-i")
    requests.get(f"{cluster.url}/style.css?trace=me", cookies=browser.cookies, timeout=10)

    def logged() -> bool:
        lines = docker("logs", "--tail", "50", cluster.container("balancer-1")).splitlines()
        entries = [json.loads(line) for line in lines if line.startswith("{")]
        return any(entry["path"] == "/style.css" and entry["upstream"] == f"{address}:8080" for entry in entries)

    eventually(logged, "the request in the access log")


def test_answers_are_compressed(cluster: Cluster) -> None:
    """Tills are on slow lines."""
    answer = requests.get(f"{cluster.url}/app.js", headers={"Accept-Encoding": "gzip"}, timeout=10)
    assert answer.headers["Content-Encoding"] == "gzip"
