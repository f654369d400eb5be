"""A volume is gone: `pulumi up` copies whoever leads; it never makes a new database where one was."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

import pytest

from tests.real.client import Browser
from tests.real.cluster import Cluster
from tests.real.engine import docker, eventually, inspect, log_of
from tests.real.network import cut_off

# All but what the server itself needs to start.
FORGET_OLD_WAL = r"""
cd /var/lib/postgresql/data
needed=$(pg_controldata . | sed -n "s/^Latest checkpoint's REDO WAL file: *//p")
for file in pg_wal/0*; do
    case $file in *.history) ;; *) [ "${file#pg_wal/}" '<' "$needed" ] && rm "$file" ;; esac
done
[ -e "pg_wal/$needed" ]
"""

COPY = "/var/lib/postgresql/data.seeding"
SLOTS = "SELECT slot_name, wal_status FROM pg_replication_slots"
OLDEST_WAL = "SELECT min(name) FROM pg_ls_waldir() WHERE name ~ '^[0-9A-F]{24}$'"


# Mebibytes. By its own default a standby that lacks more does not take over.
PATRONIS_LARGEST_LAG = 1


def known_lag(cluster: Cluster, leader: str) -> dict[str, int]:
    """Mebibytes of WAL that each standby lacks, as far as Patroni has told everybody."""
    members = json.loads(cluster.execute(leader, "patronictl", "-c", "/etc/patroni/", "list", "--format", "json"))
    return {member["Member"]: member.get("Lag in MB", 0) for member in members}


def reads_from_a_standby(cluster: Cluster) -> bool:
    """Whether a Tomcat that has just started, so that no connection is of before, reads from a standby."""
    docker("restart", cluster.container("tomcat-1"))
    eventually(lambda: cluster.succeeds("tomcat-1", "ready"), "it serves")
    reader = Browser(cluster, "tomcat-1")
    reader.login("frank")
    return bool(reader.get(f"{reader.url}/api/ledger", timeout=30).json()["standby"])


@pytest.mark.parametrize("node", ["postgres-1", "postgres-2"])
def test_a_lost_volume_is_copied_from_whoever_leads(restless: Cluster, node: str) -> None:
    """The first primary's, too: what it was at birth does not matter."""
    browser = Browser(restless)
    browser.login("frank")
    assert browser.transfer("grace", "1.00", f"before-the-loss-of-{node}").status_code == 201
    database = restless.execute(node, "pg_controldata", "/var/lib/postgresql/data").splitlines()[2]
    restless.lose(node)
    restless.up()
    assert restless.works()
    assert restless.execute(node, "pg_controldata", "/var/lib/postgresql/data").splitlines()[2] == database
    browser = Browser(restless)
    browser.login("frank")
    assert browser.transfer("grace", "1.00", f"before-the-loss-of-{node}").status_code == 200, "it is there already"
    assert restless.preview_is_empty()


def test_a_lost_standby_is_back_before_the_leader_is_replaced(restless: Cluster) -> None:
    """Otherwise the only node with the data would be stopped with nobody to hand over to."""
    leader, standby = restless.leader(), restless.standby()
    restless.add_to_image("postgres", "LABEL lost=standby")
    restless.lose(standby)
    restless.up()
    assert restless.works()
    assert restless.leader() == standby
    started = inspect(restless.container(standby))["State"]["StartedAt"]
    made = inspect(restless.container(leader))["Created"]
    assert datetime.fromisoformat(started) < datetime.fromisoformat(made)


def test_a_lost_consensus_store_learns_from_the_nodes(restless: Cluster) -> None:
    """Its only member is gone with its data: a new one hears everything from the PostgreSQL nodes."""
    leader = restless.leader()
    database = restless.execute(leader, "pg_controldata", "/var/lib/postgresql/data").splitlines()[2]
    restless.lose("etcd-1")
    restless.up()
    eventually(restless.works, "the cluster works")
    assert restless.leader() == leader
    assert restless.execute(leader, "pg_controldata", "/var/lib/postgresql/data").splitlines()[2] == database
    assert restless.preview_is_empty()


def test_a_lost_primary_of_a_stopped_cluster_is_copied_from_the_other(restless: Cluster) -> None:
    """Nobody leads when `up` begins: the one that has data starts first."""
    if restless.leader() != "postgres-2":
        restless.switch_over("postgres-2")
    docker("stop", *restless.nodes())
    restless.lose("postgres-1")
    restless.up()
    assert restless.works()
    assert restless.leader() == "postgres-2"
    assert restless.preview_is_empty()


def test_no_new_database_where_the_store_knows_one(second: Cluster) -> None:
    """All copies are gone, consensus is not: an empty database would look like a bank without accounts."""
    second.up()
    known = second.execute("postgres-1", "pg_controldata", "/var/lib/postgresql/data").splitlines()[2].split()[-1]
    second.lose("postgres-1", "postgres-2")
    refused = second.pulumi("up", "--yes", "--skip-preview")
    assert refused.returncode != 0
    assert f"the consensus store knows the database {known}, but no node holds one; nothing was made" in refused.stdout
    assert "restore the volume" in refused.stdout.lower()
    second.destroy()


@pytest.mark.parametrize("rewindable", [True, False])
def test_a_former_leader_that_went_on_alone_follows_again(restless: Cluster, rewindable: bool) -> None:
    """Rewound, or, where the WAL that pg_rewind needs is gone, copied anew, although the first copy is cut short."""
    former, heir = restless.leader(), restless.standby()
    before = log_of(restless.container(former))
    with cut_off(restless, former, [heir]):
        for table in ("alone", "later"):
            for statement in (f"CREATE TABLE IF NOT EXISTS {table} ()", "SELECT pg_switch_wal()", "CHECKPOINT"):
                restless.sql(former, f"SET synchronous_commit = local; {statement}")
        # Who takes over has all that was confirmed, however much more the leader is known to have written.
        eventually(lambda: known_lag(restless, former)[heir] > PATRONIS_LARGEST_LAG, "all know what it lacks")
        docker("kill", restless.container(former))
    eventually(lambda: restless.succeeds(heir, "leads"), "the other one leads")
    image = inspect(restless.container(former))["Config"]["Image"]
    label = f"cyclos.stack={restless.label}"
    if not rewindable:
        docker(
            "run", "--rm", "--label", label, "--volumes-from", restless.container(former), "--entrypoint", "sh", image,
            "-c", FORGET_OLD_WAL,
        )  # fmt: skip
    docker("start", restless.container(former))
    if not rewindable:
        eventually(lambda: restless.succeeds(former, "test", "-d", COPY), "the copy has begun")
        docker("kill", restless.container(former))
        docker("start", restless.container(former))
    eventually(restless.works, "the former leader follows")
    log = log_of(restless.container(former)).removeprefix(before)
    assert "running pg_rewind" in log
    assert ("replica has been created using copy-leader" in log) != rewindable


def test_a_standby_that_was_away_for_too_long_is_made_anew(restless: Cluster) -> None:
    """The leader keeps WAL for it for a day, and 4 GiB at most; here 1 MiB."""
    leader, standby = restless.leader(), restless.standby()
    docker("stop", restless.container(standby))
    needed = restless.sql(leader, "SELECT pg_walfile_name(pg_current_wal_lsn())")

    def forgets() -> bool:
        for statement in ("SELECT pg_switch_wal()", "CHECKPOINT"):
            restless.sql(leader, statement)
        return restless.sql(leader, OLDEST_WAL) > needed

    with keeping_little_wal(restless, leader):
        eventually(forgets, "the leader has dropped what the standby lacks")
        forgets()  # one file of 16 MiB more than FollowerSocketFactory lets a standby lack
    docker("start", restless.container(standby))
    eventually(lambda: "already been removed" in log_of(restless.container(standby)), "the standby says what is wrong")
    assert not restless.succeeds(standby, "streams")
    assert not reads_from_a_standby(restless), "lists come from the leader instead"
    slot = f"{standby.replace('-', '_')}|reserved"
    eventually(lambda: restless.sql(leader, SLOTS) == slot, "the leader keeps WAL for it again, from now on")
    restless.lose(standby)
    restless.up()
    assert restless.works()
    assert restless.sql(leader, SLOTS) == slot
    assert reads_from_a_standby(restless)


@contextmanager
def keeping_little_wal(cluster: Cluster, node: str) -> Iterator[None]:
    """A server that keeps no more WAL for standbys than 1 MiB."""
    limits = ("max_slot_wal_keep_size", "wal_keep_size")
    try:
        for limit in limits:
            cluster.sql(node, f"ALTER SYSTEM SET {limit} = '1MB'")
        cluster.sql(node, "SELECT pg_reload_conf()")
        yield
    finally:
        for limit in limits:
            cluster.sql(node, f"ALTER SYSTEM RESET {limit}")
        cluster.sql(node, "SELECT pg_reload_conf()")
