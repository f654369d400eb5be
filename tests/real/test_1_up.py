"""What `pulumi up` promises when it ends, asked of the servers themselves."""

import json

import requests

from tests.real.cluster import Cluster
from tests.real.engine import docker, eventually


def test_up_ends_only_when_everything_works(cluster: Cluster) -> None:
    """The first test of all, so that nothing had time to become ready after `up`: no waiting here."""
    assert cluster.works()


def test_the_url_answers_at_once(cluster: Cluster) -> None:
    """The output is what a person opens."""
    assert cluster.stack.outputs()["cyclosUrl"].value == cluster.url
    assert requests.get(f"{cluster.url}/api", timeout=10).json()["status"] == "ok"


def test_the_outputs_name_every_node_and_no_secret(cluster: Cluster) -> None:
    """An operator reads them aloud on the phone."""
    outputs = cluster.stack.outputs()
    nodes = outputs["nodes"].value
    assert [node["name"] for node in nodes["postgres"]] == ["postgres-1", "postgres-2"]
    assert [node["roleAtBirth"] for node in nodes["postgres"]] == ["primary", "replica"]
    assert [node["name"] for node in nodes["tomcat"]] == ["tomcat-1", "tomcat-2"]
    for node in (node for tier in nodes.values() for node in tier):
        assert node["address"] == cluster.address(node["name"])
    assert len(outputs["release"].value["packageSha256"]) == 64
    assert not any(output.secret for output in outputs.values())


def test_no_file_of_the_state_is_written_in_place(cluster: Cluster) -> None:
    """An `up` that is killed would leave it empty, and the state unreadable; Pulumi renames all others."""
    assert list(cluster.state.rglob("*.json"))
    assert not list(cluster.state.rglob("*.attrs"))


def test_nothing_but_the_balancer_is_published(cluster: Cluster) -> None:
    """And that on loopback only."""
    for name in cluster.nodes():
        (found,) = json.loads(docker("inspect", name))
        published = {port: bound for port, bound in found["NetworkSettings"]["Ports"].items() if bound}
        if "balancer" in name:
            assert published == {"8080/tcp": [{"HostIp": "127.0.0.1", "HostPort": str(cluster.port)}]}
        else:
            assert not published, name


def test_every_node_is_hardened(cluster: Cluster) -> None:
    """Non-root, no capability, no new privileges, limited memory, health check, rotated log, init."""
    for name in cluster.nodes():
        (found,) = json.loads(docker("inspect", name))
        host = found["HostConfig"]
        assert found["Config"]["User"] not in {"", "0", "root"}, name
        assert host["CapDrop"] == ["ALL"], name
        assert host["SecurityOpt"] == ["no-new-privileges"], name
        assert host["Memory"] == host["MemorySwap"] > 0, name
        assert host["LogConfig"]["Config"] == {"max-size": "10m", "max-file": "5"}, name
        assert host["Init"], name
        assert host["RestartPolicy"]["Name"] == "unless-stopped", name
        assert found["Config"]["Healthcheck"]["Test"] == ["CMD", "ready"], name
        eventually(
            lambda name=name: docker("inspect", "-f", "{{.State.Health.Status}}", name) == "healthy",  # type: ignore[misc]
            f"{name} is healthy",
        )


def test_the_heap_follows_from_the_memory(cluster: Cluster) -> None:
    """700 MiB for the container: 480 MiB of heap, 220 for the rest of the JVM."""
    assert "-Xmx480m" in cluster.execute("tomcat-1", "cat", "/opt/tomcat/conf/jvm.options")


def test_cyclos_own_cluster_has_every_node(cluster: Cluster) -> None:
    """clusterHandler=hazelcast, CLUSTER_TCPIP, port 5701."""
    eventually(
        lambda: requests.get(f"{cluster.url}/api/session", timeout=10).json()["members"] == 2, "two Hazelcast members"
    )
