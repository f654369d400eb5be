"""The seeds that Pulumi ran once, run again by hand: the same command line, the same input."""

import subprocess

import pytest

from tests.real.cluster import Cluster
from tests.real.conftest import Born
from tests.real.engine import docker, inspect
from tests.real.seeds import Seed

NODES = ["postgres-1", "postgres-2"]
DATA = "/var/lib/postgresql/data"


@pytest.mark.parametrize("node", NODES)
def test_a_seed_that_is_run_again_keeps_the_data(cluster: Cluster, seeds: dict[str, Seed], node: str) -> None:
    """Whatever Pulumi may come to think: a database that serves is not touched twice."""
    assert seeds[node].printed == "seeded"
    identity = "SELECT system_identifier, pg_postmaster_start_time() FROM pg_control_system()"
    before = cluster.sql(node, identity)
    again = seeds[node].again()
    assert (again.returncode, again.stdout, again.stderr) == (0, "kept\n", "")
    assert cluster.sql(node, identity) == before
    assert cluster.execute(node, "cat", "/var/lib/postgresql/seeded") == before.partition("|")[0]


def test_the_primary_was_stopped_checked_and_reset_before_its_first_start(
    cluster: Cluster, seeds: dict[str, Seed]
) -> None:
    """The seed is watched on a directory of its own: initdb, clean stop, reset, start, clean stop, in this order."""
    image = inspect(cluster.container("postgres-1"))["Config"]["Image"]
    label = f"cyclos.stack={cluster.label}"
    seed = "sh -x /usr/local/bin/seed-primary 192.0.2.1 another-cluster https://etcd-1:2379"
    done = subprocess.run(
        ["docker", "run", "--rm", "--interactive", "--init", "--label", label, "--network", f"{cluster.label}-network",
         "--entrypoint", "sh", image,
         "-c", f"{seed} && pg_controldata {DATA}"],
        input=seeds["postgres-1"].stdin, capture_output=True, text=True, check=False, timeout=120,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-2000:]
    steps = (
        "+ quietly initdb",
        "+ quietly pg_ctl stop",
        "+ reset-wal ",
        "+ quietly pg_ctl start",
        "+ quietly pg_ctl stop",
    )
    place = 0
    for step in steps:
        place = done.stderr.find(step, place)
        assert place >= 0, f"{step} comes not where it should:\n{done.stderr[-4000:]}"
        place += 1
    facts = dict(line.split(":", 1) for line in done.stdout.splitlines() if ":" in line)
    assert facts["Database cluster state"].strip() == "shut down"
    assert facts["wal_level setting"].strip() == "replica"
    assert facts["Data page checksum version"].strip() == "1"


def test_the_replica_was_copied_not_made(cluster: Cluster) -> None:
    """pg_basebackup leaves its label and its manifest; the first start of the copy renames the label."""
    history = docker(
        "exec", cluster.container("postgres-2"), "sh", "-c", f"cat {DATA}/backup_label.old {DATA}/backup_manifest"
    )
    assert "BACKUP METHOD: streamed" in history
    assert "START WAL LOCATION" in history


def test_the_copy_streamed_the_wal_of_its_own_time(born: Born) -> None:
    """Fetched at the end, files that the leader had used again meanwhile would be missing."""
    copies = [text for text in born.processes.seen if text.partition(b"\0")[0].endswith(b"pg_basebackup")]
    assert copies, "the watch was quick enough to see the copy"
    assert all(b"--wal-method=stream" in copy for copy in copies)
