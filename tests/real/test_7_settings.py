"""A setting of PostgreSQL changes on a living cluster: reloaded where that is enough, else restarted in turn."""

from contextlib import nullcontext

import pytest

from tests.real.cluster import STARTED, Cluster

pytestmark = pytest.mark.usefixtures("whole")

TIMELINE = "SELECT ('x' || left(pg_walfile_name(pg_current_wal_lsn()), 8))::bit(32)::int"
BOTH = "SELECT current_setting('shared_buffers') || '|' || current_setting('max_connections')"


def everywhere(cluster: Cluster, statement: str) -> list[str]:
    """What each PostgreSQL node answers."""
    return [cluster.sql(node, statement) for node in cluster.tier("postgres")]


def test_one_that_needs_no_restart_is_reloaded(cluster: Cluster) -> None:
    """No server ends for it."""
    before = (everywhere(cluster, STARTED), cluster.starts())
    longer = cluster.edited("config_templates/postgres/postgresql.conf.j2", "statement = '2s'", "statement = '3s'")
    for template, seconds in ((longer, "3s"), (nullcontext(), "2s")):
        with template:
            cluster.up()
        assert set(everywhere(cluster, "SHOW log_min_duration_statement")) == {seconds}
        assert (everywhere(cluster, STARTED), cluster.starts()) == before
    assert cluster.preview_is_empty()


def test_those_that_need_a_restart_cost_one_switchover(cluster: Cluster) -> None:
    """One that is the cluster's and one that is a node's: whoever leads comes last. Containers go on."""
    second = cluster.tier("postgres")[1]
    cluster.switch_over(second)
    before, starts = everywhere(cluster, STARTED), cluster.starts()
    timeline = int(cluster.sql(second, TIMELINE))
    cluster.configure(**{"postgres.memoryMib": "520", "postgres.maxConnections": "110"})
    cluster.up()
    assert set(everywhere(cluster, BOTH)) == {"130MB|110"}
    after = everywhere(cluster, STARTED)
    assert all(old != new for old, new in zip(before, after, strict=True))
    assert after[0] < after[1], "the standby was not the first"
    assert int(cluster.sql(cluster.leader(), TIMELINE)) == timeline + 1
    assert cluster.leader() != second
    assert cluster.starts() == starts
    cluster.forget("postgres.memoryMib", "postgres.maxConnections")
    cluster.up()
    assert set(everywhere(cluster, BOTH)) == {"128MB|100"}
    assert cluster.preview_is_empty()


def test_the_named_leader_leads_again_after_a_restart(cluster: Cluster) -> None:
    """The same run that has moved the lead brings it back."""
    second = cluster.tier("postgres")[1]
    cluster.configure(**{"postgres.leader": second})
    cluster.up()
    assert cluster.leader() == second
    cluster.configure(**{"postgres.memoryMib": "520"})
    cluster.up()
    assert set(everywhere(cluster, "SHOW shared_buffers")) == {"130MB"}
    assert cluster.leader() == second
    assert cluster.preview_is_empty()
    cluster.forget("postgres.leader", "postgres.memoryMib")
    cluster.up()
    assert cluster.preview_is_empty()


def test_a_leader_that_leaves_hands_over(cluster: Cluster) -> None:
    """One that stays asks for it, as `up` does when it takes the other one away."""
    heir = cluster.standby()
    assert cluster.execute(heir, "claim", heir) == "switched"
    assert cluster.leader() == heir
