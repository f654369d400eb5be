"""`pulumi up` again: changes nothing when nothing is wrong, heals what is, touches nothing else."""

import os
import subprocess
from pathlib import Path

import pytest
import requests

from tests.real.client import Browser
from tests.real.cluster import Cluster
from tests.real.engine import docker, eventually
from tests.real.network import cut_off

pytestmark = pytest.mark.usefixtures("whole")


def test_a_second_up_changes_nothing(cluster: Cluster) -> None:
    """Nor does a preview find anything: perpetual differences are bugs."""
    before = cluster.starts()
    assert set(cluster.up()) == {"same"}
    assert cluster.preview_is_empty()
    assert cluster.starts() == before


def test_of_two_at_once_the_second_is_refused(cluster: Cluster) -> None:
    """Pulumi itself sees to it; it says who holds the stack, and the first one is not disturbed."""
    with subprocess.Popen(
        cluster.command("up", "--yes", "--skip-preview"),
        cwd=cluster.work, env={**os.environ, **cluster.environment}, stdout=subprocess.DEVNULL,
    ) as first:  # fmt: skip
        eventually(lambda: any((cluster.state / ".pulumi" / "locks").rglob("*.json")), "the first one holds the stack")
        second = cluster.pulumi("up", "--yes", "--skip-preview")
        assert first.wait(300) == 0
    assert second.returncode != 0
    assert "the stack is currently locked by" in second.stdout


def test_up_heals_what_was_removed_and_what_was_stopped(cluster: Cluster) -> None:
    """And ends only when all work again; the others go on as if nothing had happened."""
    before = cluster.starts()
    broken = {cluster.container(node) for node in ("balancer-1", "tomcat-2", cluster.standby())}
    docker("rm", "-f", cluster.container("balancer-1"))
    docker("stop", *(broken - {cluster.container("balancer-1")}))
    assert set(cluster.up()) > {"same"}
    assert cluster.works()
    assert Browser(cluster).state()["node"]
    assert cluster.preview_is_empty()
    kept = {name: start for name, start in before.items() if name not in broken}
    assert kept.items() <= cluster.starts().items()


def test_up_wakes_a_paused_node(cluster: Cluster) -> None:
    """The engine counts it among the running ones; its users do not."""
    before = cluster.nodes()
    docker("pause", cluster.container("tomcat-2"))
    cluster.up()
    assert cluster.succeeds("tomcat-2", "ready")
    assert cluster.nodes() == before
    assert cluster.preview_is_empty()


def test_every_node_stopped_comes_back(cluster: Cluster) -> None:
    """Somebody stopped them all by hand."""
    browser = Browser(cluster)
    browser.login("frank")
    assert browser.transfer("grace", "3.00", "before-the-stop").status_code in {200, 201}
    docker("stop", *cluster.nodes())
    cluster.up()
    browser = Browser(cluster)
    browser.login("frank")
    assert browser.transfer("grace", "3.00", "before-the-stop").status_code == 200
    assert cluster.preview_is_empty()


def test_a_lost_network_is_made_again(cluster: Cluster) -> None:
    """Nobody can be on it then; the nodes get new containers on the new one, and find their data."""
    browser = Browser(cluster)
    browser.login("judy")
    assert browser.transfer("ivan", "2.00", "before-the-loss").status_code in {200, 201}
    docker("stop", *cluster.nodes())
    docker("network", "rm", f"{cluster.label}-network")
    cluster.up()
    browser = Browser(cluster)
    browser.login("judy")
    assert browser.transfer("ivan", "2.00", "before-the-loss").status_code == 200
    assert cluster.preview_is_empty()


def test_another_subnet_moves_every_node(cluster: Cluster) -> None:
    """Addresses are in every configuration file; the data stays, whoever leads when all are stopped."""
    cluster.execute("postgres-1", "patronictl", "-c", "/etc/patroni/", "switchover", "--force")
    eventually(cluster.works, "the cluster works again")
    browser = Browser(cluster)
    browser.login("judy")
    assert browser.transfer("ivan", "4.00", "before-the-move").status_code in {200, 201}
    before = cluster.address("tomcat-1")
    cluster.configure(**{"network.subnet": "10.193.7.0/24"})
    cluster.up()
    assert cluster.address("tomcat-1") == "10.193.7.40" != before
    browser = Browser(cluster)
    browser.login("judy")
    assert browser.transfer("ivan", "4.00", "before-the-move").status_code == 200
    assert cluster.preview_is_empty()


def test_another_context_of_dockers_client_changes_nothing(cluster: Cluster, tmp_path: Path) -> None:
    """It is refused; the refresh before that looked at the stack's own engine, or it would have forgotten all."""
    environment = {**os.environ, "DOCKER_CONFIG": str(tmp_path)}
    create = ["docker", "context", "create", "elsewhere", "--docker", f"host=unix://{tmp_path}/nobody.sock"]
    subprocess.run(create, env=environment, check=True, capture_output=True)
    refused = cluster.pulumi("up", "--yes", "--skip-preview", DOCKER_CONFIG=str(tmp_path), DOCKER_CONTEXT="elsewhere")
    assert refused.returncode != 0
    assert 'DOCKER_CONTEXT: "elsewhere" given' in refused.stdout
    assert "nobody.sock" not in refused.stdout
    assert cluster.preview_is_empty()


def test_scaling_touches_no_other_node(cluster: Cluster) -> None:
    """Two Tomcats become three, one replica becomes two, and back; sessions live on, those that only one had, too."""
    before, starts = cluster.nodes(), cluster.starts()
    browser = Browser(cluster)
    browser.login("heidi")
    assert browser.state()["counter"] == 1
    with cut_off(cluster, "tomcat-1", ["tomcat-2"]):
        only = {node: _signed_in(cluster, node) for node in ("tomcat-1", "tomcat-2")}

    cluster.configure(**{"tomcat.nodes": "3", "postgres.replicas": "2"})
    cluster.up()
    assert starts.items() <= cluster.starts().items()
    assert set(cluster.nodes()) - set(before) == {cluster.container("tomcat-3"), cluster.container("postgres-3")}
    eventually(
        lambda: requests.get(f"{cluster.url}/api/session", timeout=10).json()["members"] == 3, "Cyclos' own cluster"
    )
    assert cluster.succeeds("postgres-3", "streams")
    assert cluster.preview_is_empty()
    for node in ("tomcat-1", "tomcat-2"):
        docker("stop", cluster.container(node))
    state = browser.state()
    assert (state["node"], state["user"], state["counter"]) == ("tomcat-3", "heidi", 2)
    assert {node: _user(cluster, "tomcat-3", session) for node, session in only.items()} == dict.fromkeys(only, "grace")
    cluster.up()

    starts = {name: start for name, start in cluster.starts().items() if name in before}
    cluster.configure(**{"tomcat.nodes": "2", "postgres.replicas": "1"})
    cluster.up()
    assert cluster.nodes() == before
    assert cluster.starts() == starts
    volumes = docker("volume", "ls", "--quiet", "--filter", f"label=cyclos.stack={cluster.label}")
    assert not any("postgres-3" in volume for volume in volumes.splitlines())
    assert cluster.preview_is_empty()
    eventually(lambda: browser.state()["user"] == "heidi", "the session, after the way back")


def _signed_in(cluster: Cluster, node: str) -> str:
    """A session that began at this Tomcat, past the balancer."""
    browser = Browser(cluster, node)
    browser.login("grace")
    return str(browser.cookies["JSESSIONID"])


def _user(cluster: Cluster, node: str, session: str) -> object:
    """Whose session it is, says this Tomcat."""
    browser = Browser(cluster, node)
    browser.cookies.set("JSESSIONID", session)
    return browser.state()["user"]
