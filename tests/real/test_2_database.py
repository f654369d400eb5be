"""Each step of the original procedure, seen on the PostgreSQL servers."""

import re

import pytest

from tests.real.cluster import Cluster
from tests.real.engine import docker, eventually, said

NODES = ["postgres-1", "postgres-2"]
EXTENSIONS = {"cube", "earthdistance", "postgis", "unaccent", "pgcrypto"}


def test_the_versions_are_the_ones_that_cyclos_is_made_for(cluster: Cluster) -> None:
    """PostgreSQL 17, and Tomcat 9.0 on Java 21, as the containers themselves say."""
    for node in NODES:
        assert cluster.sql(node, "SELECT current_setting('server_version_num')::int / 10000") == "17"
    for node in cluster.tier("tomcat"):
        told = cluster.execute(
            node, "java", "-Xmx32m", "-cp", "/opt/tomcat/lib/catalina.jar", "org.apache.catalina.util.ServerInfo"
        )
        assert re.search(r"^Server number: +9\.0\.", told, re.MULTILINE), told
        assert re.search(r"^JVM Version: +21\.", told, re.MULTILINE), told


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
        ("fsync", "on"),
        ("full_page_writes", "on"),
        ("shared_buffers", "128MB"),
        ("max_replication_slots", "10"),
        ("max_wal_size", "512MB"),
        ("wal_keep_size", "1GB"),
        ("max_slot_wal_keep_size", "4GB"),
    ],
)
def test_settings_are_in_force(cluster: Cluster, setting: str, value: str) -> None:
    """Rendered is not yet loaded: the servers are asked."""
    for node in NODES:
        assert cluster.sql(node, f"SELECT current_setting('{setting}')") == value


def test_access_is_by_password_from_the_stacks_network_only(cluster: Cluster) -> None:
    """No trust anywhere; each line names its role."""
    subnet = docker("network", "inspect", "-f", "{{(index .IPAM.Config 0).Subnet}}", f"{cluster.label}-network")
    rules = "SELECT type, auth_method, address, netmask, user_name::text, error FROM pg_hba_file_rules"
    roles = set()
    for node in NODES:
        for rule in cluster.sql(node, rules).splitlines():
            kind, method, address, netmask, users, error = rule.split("|")
            assert not error
            if kind == "host":
                assert (method, address, netmask) == ("scram-sha-256", subnet.partition("/")[0], "255.255.255.0")
                roles.add(users)
            else:
                assert (method, users) in {("peer", "{postgres}"), ("scram-sha-256", "{replicator}")}
    assert roles == {"{replicator}", "{rewinder}", "{cyclos}"}


def test_a_wrong_password_is_refused(cluster: Cluster) -> None:
    """Also from inside the network."""
    target = "host=postgres-1 dbname=cyclos4 user=cyclos password=wrong connect_timeout=5"
    assert not cluster.succeeds("postgres-2", "psql", target, "-c", "SELECT 1")


def test_the_standby_is_synchronous_and_keeps_a_slot(cluster: Cluster) -> None:
    """A commit waits for it, and the leader keeps the WAL that it needs."""
    other = cluster.standby()
    eventually(
        lambda: (
            cluster.sql(cluster.leader(), "SELECT application_name, state, sync_state FROM pg_stat_replication")
            == f"{other}|streaming|quorum"
        ),
        "a synchronous standby",
    )
    assert (
        cluster.sql(cluster.leader(), "SELECT slot_name, active FROM pg_replication_slots")
        == f"{other.replace('-', '_')}|t"
    )


def test_both_hold_the_same_database(cluster: Cluster) -> None:
    """One system identifier, and a row written on the leader is read on the standby."""
    identifiers = {cluster.sql(node, "SELECT system_identifier FROM pg_control_system()") for node in NODES}
    assert len(identifiers) == 1
    cluster.sql(
        cluster.leader(), "CREATE TABLE IF NOT EXISTS proof (word text); INSERT INTO proof VALUES ('kept')", "cyclos4"
    )
    eventually(lambda: "kept" in cluster.sql(cluster.standby(), "SELECT word FROM proof", "cyclos4"), "the row")


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


@pytest.mark.parametrize(
    "answers",
    [
        {"timeout": "return 1", "psql": "echo 0"},
        {"timeout": r"printf 'Cluster\tMember\nbank\t%s\tnowhere\tLeader\trunning\n' $(hostname)"},
    ],
    ids=["from-nobody", "from-a-store-that-was-lost"],
)
def test_a_leader_that_cannot_know_waits(cluster: Cluster, answers: dict[str, str]) -> None:
    """Who lives: one that goes alone takes the writes with it."""
    stand_ins = [f"BASH_FUNC_{program}%%=() {{ {text}; }}" for program, text in answers.items()]
    code, text = said(cluster.container(cluster.leader()), "env", *stand_ins, "timeout", "5", "step-down")
    assert (code, text) == (124, "")


def test_patroni_waits_no_longer_than_it_must(cluster: Cluster) -> None:
    """images/postgres/patroni.sed still finds what it shortens: after an update of Patroni, too."""
    folder = "/usr/lib/python3/dist-packages/patroni"
    text = cluster.execute("postgres-1", "cat", f"{folder}/ha.py", f"{folder}/postgresql/__init__.py")
    shortened = {
        r"^STOP_POLLING_INTERVAL = 0\.2$": 1,
        r"time\.sleep\(0\.2\)  # give replicas": 2,
        r"time\.sleep\(0\.3\)  # Give a time": 2,
        r"self\.dcs\.event\.set\(\)\n +return self\.follow\('demoted self after trying": 1,
    }
    assert {words: len(re.findall(words, text, re.MULTILINE)) for words in shortened} == shortened


def test_reads_go_to_the_standby_and_writes_to_the_leader(cluster: Cluster) -> None:
    """Cyclos' read-only data source."""
    count = "SELECT count(*) FROM pg_stat_activity WHERE usename = 'cyclos'"
    assert int(cluster.sql(cluster.leader(), count)) > 0
    eventually(lambda: int(cluster.sql(cluster.standby(), count)) > 0, "read-only connections on the standby")
