"""Planned work on Tomcats and balancers fails nobody's request: what is under way ends, what is new goes elsewhere."""

import subprocess

import pytest
import requests

from core.bundle import bundle
from tests.real.client import Browser
from tests.real.cluster import Cluster, changed
from tests.real.engine import docker, eventually, said
from tests.real.under_way import client, transfer_under_way

pytestmark = pytest.mark.usefixtures("whole")

CONFIGURATION = "/etc/nginx/cluster"
LAST_NODE = "SELECT node FROM standin.transfers ORDER BY id DESC LIMIT 1"


@pytest.fixture
def browser(cluster: Cluster) -> Browser:
    """A user who is logged in."""
    made = Browser(cluster)
    made.login("nina")
    return made


def drain(cluster: Cluster, node: str) -> list[str]:
    """Words that drain a node for as long as they run."""
    return ["docker", "exec", "--interactive", cluster.container("balancer-1"), "drain", node]


def test_a_drained_node_gets_no_request(cluster: Cluster, browser: Browser) -> None:
    """Its users go to another one with their session, whoever has none as well; then they come back."""
    home = browser.state()["node"]
    with client(*drain(cluster, home)) as process:
        assert process.stdout
        assert process.stdout.readline() == "drained\n"
        away = browser.state()
        assert (away["node"] != home, away["user"], away["counter"]) == (True, "nina", 2)
        assert home not in {Browser(cluster).state()["node"] for _ in range(10)}
    assert home in {Browser(cluster).state()["node"] for _ in range(10)}


def test_a_drain_ends_with_whoever_asked_for_it(cluster: Cluster, browser: Browser) -> None:
    """An `up` that is killed leaves no node without users."""
    home = browser.state()["node"]
    with client(*drain(cluster, home)) as process:
        eventually(lambda: cluster.is_drained("balancer-1", home), "it is drained")
        process.kill()
    eventually(lambda: not cluster.is_drained("balancer-1", home), "it is no more")


def test_a_transfer_under_way_outlives_the_stop_of_its_node(cluster: Cluster, browser: Browser) -> None:
    """The node waits for it, while the balancer sends others elsewhere."""
    home = browser.state()["node"]
    before = cluster.starts()
    stop = ("components/bin/stop", cluster.container(home), "step-down")
    with transfer_under_way(cluster, browser) as answer:
        process = subprocess.Popen(stop, cwd=cluster.work)
        eventually(lambda: cluster.is_drained("balancer-1", home), "it is drained")
        assert home not in {Browser(cluster).state()["node"] for _ in range(10)}
        eventually(
            lambda: "sleep 0.5" in docker("top", cluster.container(home)), "the node waits for its last connection"
        )
        assert cluster.succeeds(home, "ready"), "it stops in the middle of a request"
    assert answer.result().status_code == requests.codes.created
    assert process.wait(60) == 0
    assert cluster.sql(cluster.leader(), LAST_NODE, "cyclos4") == home
    eventually(lambda: not cluster.is_drained("balancer-1", home), "it is no more drained")
    cluster.up()
    after = cluster.starts()
    assert changed(before, after) == {cluster.container(home)}


def test_a_transfer_under_way_outlives_a_new_configuration(cluster: Cluster, browser: Browser) -> None:
    """NGINX reloads; the answer comes on the connection that was open before."""
    files = {
        f"{CONFIGURATION}/{file}": cluster.execute("balancer-1", "cat", f"{CONFIGURATION}/{file}") + "\n"
        for file in ("nginx.conf", "proxy.conf", "upstreams.conf")
    }
    changed = files | {f"{CONFIGURATION}/proxy.conf": files[f"{CONFIGURATION}/proxy.conf"] + "# another one\n"}
    browser.state()
    with transfer_under_way(cluster, browser) as answer:
        assert said(cluster.container("balancer-1"), "apply-config", stdin=bundle(changed)) == (0, "applied")
        assert Browser(cluster).state()["node"]
        assert not answer.done()
    assert answer.result().status_code == requests.codes.created
    assert said(cluster.container("balancer-1"), "apply-config", stdin=bundle(files)) == (0, "applied")
