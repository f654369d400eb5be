"""Two stacks on one engine know nothing of each other; a destroyed one leaves nothing. The last file of the folder."""

import json
import re
import shutil
from pathlib import Path

import javaproperties
import pytest
import requests

from tests.real.client import Browser
from tests.real.cluster import Cluster
from tests.real.engine import docker, inspect, log_of
from tests.real.packages import C3P0, demo_release

EXAMPLE = "/servlets/servlet/SessionExample"


@pytest.fixture(scope="module", autouse=True)
def _both_work(cluster: Cluster, second: Cluster) -> None:
    """Whatever ran before."""
    for stack in (cluster, second):
        if not stack.nodes() or not stack.works():
            stack.up()


def subnet(stack: Cluster) -> str:
    """The stack's private network."""
    (network,) = json.loads(docker("network", "inspect", f"{stack.label}-network"))
    return str(network["IPAM"]["Config"][0]["Subnet"])


def test_both_answer_with_networks_and_databases_of_their_own(cluster: Cluster, second: Cluster) -> None:
    """The demo here, Tomcat's examples there."""
    assert requests.get(f"{cluster.url}/api", timeout=10).json()["status"] == "ok"
    assert requests.get(f"{second.url}/api", timeout=10).text == "ok"
    assert subnet(cluster) != subnet(second)
    identifier = "SELECT system_identifier FROM pg_control_system()"
    assert cluster.sql("postgres-1", identifier) != second.sql("postgres-1", identifier)
    assert not set(cluster.leftovers()) & set(second.leftovers())


def test_the_release_file_is_kept_but_for_the_clusters_values(second: Cluster) -> None:
    """A .war of the old flavour: comments, other keys, escapes and broken lines are as they came."""
    text = second.execute("tomcat-1", "cat", "/opt/tomcat/webapps/ROOT/WEB-INF/classes/cyclos.properties")
    ours = tuple(f"cyclos.datasource.{key}" for key in ("jdbcUrl", "user", "password"))
    theirs = [line for line in C3P0.splitlines() if not line.startswith(ours)]
    assert [line for line in text.splitlines() if line in theirs] == theirs
    values = javaproperties.loads(text)
    assert values["cyclos.datasource.jdbcUrl"].startswith(f"jdbc:postgresql://{second.address('postgres-1')}:5432,")
    assert len(values["cyclos.datasource.password"]) > 0
    assert values["somebodys own"] == "café, bar"


def test_the_examples_session_survives_its_node(second: Cluster) -> None:
    """A web app that is not marked distributable: its sessions are replicated all the same."""
    descriptor = second.execute("tomcat-1", "cat", "/opt/tomcat/webapps/ROOT/WEB-INF/web.xml")
    assert not re.search(r"<distributable\s*/>", descriptor)
    session = requests.Session()
    kept = {"dataname": "kept", "datavalue": "through the failure"}
    first = session.post(f"{second.url}{EXAMPLE}", data=kept, timeout=20)
    assert "kept = through the failure" in first.text
    identity, _, node = (session.cookies["JSESSIONID"] or "").rpartition(".")
    docker("kill", second.container(node))
    answer = session.get(f"{second.url}{EXAMPLE}", timeout=30)
    assert answer.status_code == requests.codes.ok
    assert "kept = through the failure" in answer.text
    assert identity in answer.text
    second.revive()
    back = session.get(f"{second.url}{EXAMPLE}", timeout=30)
    assert "kept = through the failure" in back.text, "the node that died has the session again"
    assert identity in back.text


def test_a_forged_address_does_not_reach_any_web_app(second: Cluster) -> None:
    """Tomcat's own header viewer shows what the app gets."""
    forged = {
        "X-Forwarded-For": "6.6.6.6",
        "Forwarded": "for=6.6.6.6",
        "X-Real-IP": "6.6.6.6",
        "X-Forwarded-Host": "evil",
    }
    answer = requests.get(f"{second.url}/servlets/servlet/RequestHeaderExample", headers=forged, timeout=20)
    assert answer.status_code == requests.codes.ok
    assert "6.6.6.6" not in answer.text
    assert "evil" not in answer.text


def test_the_zip_of_a_release_becomes_the_web_app(cluster: Cluster, second: Cluster, tmp_path: Path) -> None:
    """HikariCP, as the product has it today, and marked distributable: the demo goes the way of a release."""
    folder = demo_release(cluster, tmp_path / "cyclos-9.0.3")
    second.configure(package=shutil.make_archive(str(folder), "zip", tmp_path, folder.name))
    second.up()
    assert second.works()
    browser = Browser(second)
    browser.login("alice")
    before = browser.state()
    docker("kill", second.container(before["node"]))
    after = browser.state()
    assert (after["user"], after["counter"]) == ("alice", before["counter"] + 1)
    assert after["node"] != before["node"]
    assert browser.transfer("bob", "1.00", "by-a-release").status_code == requests.codes.created
    second.revive()
    as_zip, nodes = second.stack.outputs()["release"].value, second.starts()
    second.configure(package=str(folder))
    second.up()
    assert second.stack.outputs()["release"].value == as_zip, "extracted it is the same"
    assert second.starts() == nodes


def test_a_release_beside_which_no_other_may_run(cluster: Cluster, second: Cluster, tmp_path: Path) -> None:
    """It changes the schema. As docs/operations.md says: all Tomcats stop, one starts alone, the others follow."""
    folder = demo_release(cluster, tmp_path / "cyclos-9.0.4")
    (folder / "web" / "version").write_text("9.0.4")
    nodes = [second.container(node) for node in second.tier("tomcat")]
    docker("stop", *nodes)
    second.configure(package=str(folder))
    second.up()
    assert second.works()
    assert requests.get(f"{second.url}/version", timeout=10).text == "9.0.4"
    first, *others = sorted(nodes, key=lambda node: str(inspect(node)["State"]["StartedAt"]))
    (ready,) = (line for line in log_of(first, "--timestamps").splitlines() if "Server startup in" in line)
    for other in others:
        assert ready < inspect(other)["State"]["StartedAt"], f"{other} has not waited for {first}"


def test_another_checkout_does_not_take_a_stack_for_its_own(cluster: Cluster, tmp_path: Path) -> None:
    """The same name, another state."""
    nodes = cluster.starts()
    twin = Cluster(tmp_path, name=cluster.name, port=cluster.port)
    refused = twin.pulumi("up", "--yes", "--skip-preview")
    assert refused.returncode != 0
    assert f"containers of a stack {cluster.label} that this checkout does not know" in refused.stdout
    assert "give this stack another name" in refused.stdout
    assert cluster.starts() == nodes
    assert cluster.works()


def test_destroying_one_leaves_the_other_alone(cluster: Cluster, second: Cluster) -> None:
    """And of the destroyed one no container, network or volume is left."""
    before = cluster.nodes()
    second.stack.destroy(color="never")
    assert second.leftovers() == []
    assert cluster.nodes() == before
    assert requests.get(f"{cluster.url}/api", timeout=10).status_code == requests.codes.ok


def test_destroy_leaves_nothing(cluster: Cluster) -> None:
    """The stack is disposable: volumes and passwords go too."""
    assert cluster.leftovers()
    cluster.stack.destroy(color="never")
    assert cluster.leftovers() == []
