"""A volume is gone: `pulumi up` copies whoever leads; it never makes a new database where one was."""

import pytest

from tests.real.client import Browser
from tests.real.cluster import Cluster
from tests.real.engine import docker


def lose(cluster: Cluster, *nodes: str) -> None:
    """Take nodes away with their data, as a disk that dies does."""
    for node in nodes:
        docker("rm", "--force", cluster.container(node))
        docker("volume", "rm", f"{cluster.label}-{node}-data")


@pytest.mark.parametrize("node", ["postgres-1", "postgres-2"])
def test_a_lost_volume_is_copied_from_whoever_leads(restless: Cluster, node: str) -> None:
    """The first primary's, too: what it was at birth does not matter."""
    browser = Browser(restless)
    browser.login("frank")
    assert browser.transfer("grace", "1.00", f"before-the-loss-of-{node}").status_code == 201
    database = restless.execute(node, "pg_controldata", "/var/lib/postgresql/data").splitlines()[2]
    lose(restless, node)
    restless.up()
    assert restless.works()
    assert restless.execute(node, "pg_controldata", "/var/lib/postgresql/data").splitlines()[2] == database
    browser = Browser(restless)
    browser.login("frank")
    assert browser.transfer("grace", "1.00", f"before-the-loss-of-{node}").status_code == 200, "it is there already"
    assert restless.preview_is_empty()


def test_a_lost_primary_of_a_stopped_cluster_is_copied_from_the_other(restless: Cluster) -> None:
    """Nobody leads when `up` begins: the one that has data starts first."""
    if restless.leader() != "postgres-2":
        restless.switch_over("postgres-2")
    docker("stop", *restless.nodes())
    lose(restless, "postgres-1")
    restless.up()
    assert restless.works()
    assert restless.leader() == "postgres-2"
    assert restless.preview_is_empty()


def test_no_new_database_where_the_store_knows_one(second: Cluster) -> None:
    """All copies are gone, consensus is not: an empty database would look like a bank without accounts."""
    second.up()
    known = second.execute("postgres-1", "pg_controldata", "/var/lib/postgresql/data").splitlines()[2].split()[-1]
    lose(second, "postgres-1", "postgres-2")
    refused = second.pulumi("up", "--yes", "--skip-preview")
    assert refused.returncode != 0
    assert f"the consensus store knows the database {known}, but no node holds one; nothing was made" in refused.stdout
    assert "restore the volume" in refused.stdout.lower()
    second.destroy()
