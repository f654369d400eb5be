"""The gates of `pulumi up`, asked by hand while what they guard is broken: they stay shut and say where to look."""

import subprocess

import pytest

from core.database import EXTENSIONS, NAME, OWNER
from tests.real.cluster import Cluster
from tests.real.engine import docker


@pytest.fixture(autouse=True)
def _whole(restless: Cluster) -> None:
    """Each test breaks the shared stack in its own way."""


def asked(cluster: Cluster, *words: str) -> subprocess.CompletedProcess[str]:
    """Run a step as Pulumi runs it."""
    return subprocess.run(words, cwd=cluster.work, capture_output=True, text=True, check=False, timeout=120)


def replication(cluster: Cluster) -> subprocess.CompletedProcess[str]:
    """Ask for the proof that every standby holds what the leader holds."""
    containers = " ".join(cluster.container(node) for node in cluster.tier("postgres"))
    return asked(cluster, "components/bin/replication", "3", containers, NAME, OWNER, *EXTENSIONS)


def replay(cluster: Cluster, node: str, signal: str) -> None:
    """Signal the process of a standby that replays the WAL; Patroni would undo a pause that PostgreSQL knows of."""
    each = f"if grep -aq 'postgres: .*[s]tartup' $process/cmdline; then kill -{signal} ${{process#/proc/}}; fi"
    cluster.execute(node, "sh", "-c", f"for process in /proc/[0-9]*; do {each}; done")


def test_a_standby_that_does_not_replay_is_no_proof(restless: Cluster) -> None:
    """It streams, it is synchronous, and it does not hold what was written."""
    leader, standby = restless.leader(), restless.standby()
    replay(restless, standby, "STOP")
    try:
        restless.sql(leader, "CREATE TABLE IF NOT EXISTS unread (word text)", NAME)
        shut = replication(restless)
    finally:
        replay(restless, standby, "CONT")
    assert shut.returncode == 1
    assert "the database is not replicated after 3 s" in shut.stderr
    assert f"{restless.container(standby)}: proves-replication: has replayed" in shut.stderr
    assert f"last lines of {restless.container(standby)}" in shut.stderr
    opened = replication(restless)
    assert (opened.returncode, opened.stdout) == (0, "replicated\n"), opened.stderr


def test_a_standby_that_is_down_is_no_proof(restless: Cluster) -> None:
    """The leader alone would lose everything with itself."""
    standby = restless.container(restless.standby())
    docker("stop", standby)
    shut = replication(restless)
    assert shut.returncode == 1
    assert standby in shut.stderr
    assert f"last lines of {standby}" in shut.stderr


def test_a_balancer_that_does_not_reach_a_node_is_not_ready(restless: Cluster) -> None:
    """It answers by itself, but not with this node."""
    address = restless.address("tomcat-2")
    docker("kill", restless.container("tomcat-2"))
    balancer = restless.container("balancer-1")
    shut = asked(restless, "components/bin/gate", balancer, "2", "reaches", "tomcat-2", address)
    assert shut.returncode == 1
    assert f"{balancer} is not ready after 2 s (reaches tomcat-2 {address}): tomcat-2 is not reached" in shut.stderr
    assert f"last lines of {balancer}" in shut.stderr
