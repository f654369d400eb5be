"""What an operator does while clients work: nothing of it fails a request."""

import pytest

from tests.chaos.trial import Limits, Trial

PLANNED = Limits(no_write_seconds=3)
SWITCHOVER = Limits(no_write_seconds=3, redundancy_seconds=15, planned=True)
# The others notice a Tomcat that does not come back at once after five seconds (docs/timeouts.md).
FEWER_TOMCATS = Limits(no_write_seconds=6)
RELOADED = Limits(no_write_seconds=3, reloads=1)
# A Tomcat more, a Tomcat less.
OUT_AND_IN = Limits(no_write_seconds=6, reloads=2)


def other_than(now: str | None, usual: str, other: str) -> str:
    """The one of two values that is not in force."""
    return usual if now == other else other


@pytest.mark.short
def test_another_node_leads(trial: Trial) -> None:
    """`postgres.leader` names it, `pulumi up` switches over."""
    cluster = trial.cluster
    leader = cluster.leader()
    wanted = next(node for node in reversed(cluster.tier("postgres")) if node != leader)
    cluster.configure(**{"postgres.leader": wanted})
    try:
        trial.run(cluster.up, SWITCHOVER)
        assert cluster.leader() == wanted
    finally:
        cluster.forget("postgres.leader")


def test_a_setting_of_tomcat_changes(trial: Trial) -> None:
    """One node after the other is started anew."""
    cluster = trial.cluster
    cluster.configure(**{"tomcat.memoryMib": other_than(cluster.settings.get("tomcat.memoryMib"), "700", "650")})
    trial.run(cluster.up, PLANNED)


def test_a_setting_of_the_balancer_changes(trial: Trial) -> None:
    """Its configuration is tested and reloaded; NGINX ends connections that idle, and no others."""
    cluster = trial.cluster
    cluster.configure(
        **{"balancer.maxUploadMib": other_than(cluster.settings.get("balancer.maxUploadMib"), "50", "51")}
    )
    trial.run(cluster.up, RELOADED)


def test_a_setting_of_postgres_changes(trial: Trial) -> None:
    """One that needs a restart: standby by standby, then a switchover, then the node that led."""
    cluster = trial.cluster
    cluster.configure(
        **{"postgres.maxConnections": other_than(cluster.settings.get("postgres.maxConnections"), "130", "140")}
    )
    trial.run(cluster.up, PLANNED)


@pytest.mark.parametrize("tier", ["tomcat", "postgres"])
def test_nodes_come_and_go(trial: Trial, tier: str) -> None:
    """Out by a Tomcat and in again; in by a replica, the one that leads, and out again."""
    cluster = trial.cluster
    key, numbers, limits = {
        "tomcat": ("tomcat.nodes", "43", OUT_AND_IN),
        "postgres": ("postgres.replicas", "12", PLANNED),
    }[tier]
    if tier == "postgres":
        cluster.switch_over(cluster.tier(tier)[-1])

    def there_and_back() -> None:
        for number in numbers:
            cluster.configure(**{key: number})
            cluster.up()

    trial.run(there_and_back, limits)
