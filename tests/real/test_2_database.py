"""Each step of the original procedure, seen on the PostgreSQL servers."""

import pytest

from tests.real.cluster import Cluster, docker, eventually

NODES = ["postgres-1", "postgres-2"]
EXTENSIONS = {"cube", "earthdistance", "postgis", "unaccent", "pgcrypto"}


def leader(cluster: Cluster) -> str:
    """The node that leads now."""
    (found,) = (node for node in NODES if cluster.succeeds(node, "leads"))
    return found


def standby(cluster: Cluster) -> str:
    """The other one."""
    return next(node for node in NODES if node != leader(cluster))


@pytest.mark.parametrize(
    ("setting", "value"),
    [
        ("wal_level", "replica"),
        ("max_wal_senders", "10"),
        ("hot_standby", "on"),
        ("archive_mode", "on"),
        ("archive_command", 'archive-nowhere "%p"'),
        ("hba_file", "/etc/postgresql/pg_hba.conf"),
        ("password_encryption", "scram-sha-256"),
        ("data_checksums", "on"),
        ("synchronous_commit", "on"),
        ("shared_buffers", "16384"),
    ],
)
def test_settings_are_in_force(cluster: Cluster, setting: str, value: str) -> None:
    """Rendered is not yet loaded: the servers are asked."""
    for node in NODES:
        assert cluster.sql(node, f"SELECT setting FROM pg_settings WHERE name = '{setting}'") == value


def test_access_is_by_password_from_the_stacks_network_only(cluster: Cluster) -> None:
    """No trust anywhere; each line names its role."""
    subnet = docker("network", "inspect", "-f", "{{(index .IPAM.Config 0).Subnet}}", f"{cluster.label}-network")
    rules = "SELECT type, auth_method, address, user_name::text, error FROM pg_hba_file_rules"
    for node in NODES:
        for rule in cluster.sql(node, rules).splitlines():
            kind, method, address, users, error = rule.split("|")
            assert not error
            assert "all" not in users
            if kind == "host":
                assert (method, address) == ("scram-sha-256", subnet.partition("/")[0])
            else:
                assert (method, users) in {("peer", "{postgres}"), ("scram-sha-256", "{replicator}")}


def test_a_wrong_password_is_refused(cluster: Cluster) -> None:
    """Also from inside the network."""
    target = f"host=postgres-1 dbname={'cyclos4'} user=cyclos password=wrong connect_timeout=5"
    assert not cluster.succeeds("postgres-2", "psql", target, "-c", "SELECT 1")


def test_the_standby_is_synchronous_and_keeps_a_slot(cluster: Cluster) -> None:
    """A commit waits for it, and the leader keeps the WAL that it needs."""
    other = standby(cluster)
    eventually(
        lambda: (
            cluster.sql(leader(cluster), "SELECT application_name, state, sync_state FROM pg_stat_replication")
            == f"{other}|streaming|sync"
        ),
        "a synchronous standby",
    )
    assert cluster.sql(leader(cluster), "SELECT slot_name, active FROM pg_replication_slots") == f"{other.replace('-', '_')}|t"


def test_both_hold_the_same_database(cluster: Cluster) -> None:
    """One system identifier, and a row written on the leader is read on the standby."""
    identifiers = {cluster.sql(node, "SELECT system_identifier FROM pg_control_system()") for node in NODES}
    assert len(identifiers) == 1
    cluster.sql(leader(cluster), "CREATE TABLE IF NOT EXISTS proof (word text); INSERT INTO proof VALUES ('kept')", "cyclos4")
    eventually(lambda: "kept" in cluster.sql(standby(cluster), "SELECT word FROM proof", "cyclos4"), "the row")


def test_the_database_is_as_cyclos_wants_it(cluster: Cluster) -> None:
    """UTF8, an owner without superuser rights, five extensions; on the standby too."""
    for node in NODES:
        row = "SELECT pg_encoding_to_char(encoding), rolname, rolsuper, rolcreatedb, rolreplication FROM pg_database"
        row += " JOIN pg_roles r ON r.oid = datdba WHERE datname = 'cyclos4'"
        assert cluster.sql(node, row) == "UTF8|cyclos|f|f|f"
        found = set(cluster.sql(node, "SELECT extname FROM pg_extension", "cyclos4").splitlines())
        assert found >= EXTENSIONS


def test_replication_has_a_role_of_its_own(cluster: Cluster) -> None:
    """It may replicate and nothing else."""
    row = "SELECT rolsuper, rolreplication, rolcreatedb FROM pg_roles WHERE rolname = 'replicator'"
    assert cluster.sql("postgres-1", row) == "f|t|f"


def test_reads_go_to_the_standby_and_writes_to_the_leader(cluster: Cluster) -> None:
    """Cyclos' read-only data source."""
    count = "SELECT count(*) FROM pg_stat_activity WHERE usename = 'cyclos'"
    assert int(cluster.sql(leader(cluster), count)) > 0
    eventually(lambda: int(cluster.sql(standby(cluster), count)) > 0, "read-only connections on the standby")


@pytest.mark.parametrize("node", NODES)
def test_a_seed_that_is_run_again_keeps_the_data(cluster: Cluster, node: str) -> None:
    """Whatever Pulumi may come to think, data is not touched twice."""
    outcome = cluster.stack.export_stack().deployment or {}
    (seed,) = (r for r in outcome["resources"] if r["urn"].endswith(f"::{node}-seed"))
    assert seed["outputs"]["stdout"] == "seeded"
    before = cluster.sql(node, "SELECT system_identifier FROM pg_control_system()")
    assert cluster.execute(node, "cat", "/var/lib/postgresql/seeded") == before
