"""What an operator does while clients work: nothing of it fails a request."""

import pytest

from tests.chaos import faults
from tests.chaos.trial import Limits, Trial

PLANNED = Limits(no_write_seconds=3)


def other_than(now: str | None, usual: str, other: str) -> str:
    """The one of two values that is not in force."""
    return usual if now == other else other


@pytest.mark.short
def test_another_node_leads(trial: Trial) -> None:
    """A switchover."""
    cluster = trial.cluster
    trial.run(lambda: faults.switch_over(cluster, cluster.synchronous_standby()), PLANNED)


def test_a_setting_of_tomcat_changes(trial: Trial) -> None:
    """One node after the other is started anew."""
    cluster = trial.cluster
    cluster.configure(**{"tomcat.memoryMib": other_than(cluster.settings.get("tomcat.memoryMib"), "700", "650")})
    trial.run(cluster.up, PLANNED)


def test_a_setting_of_the_balancer_changes(trial: Trial) -> None:
    """Its configuration is tested and reloaded."""
    cluster = trial.cluster
    cluster.configure(
        **{"balancer.maxUploadMib": other_than(cluster.settings.get("balancer.maxUploadMib"), "50", "51")}
    )
    trial.run(cluster.up, PLANNED)


def test_a_setting_of_postgres_changes(trial: Trial) -> None:
    """One that needs a restart: standby by standby, then a switchover, then the node that led."""
    cluster = trial.cluster
    cluster.configure(
        **{"postgres.maxConnections": other_than(cluster.settings.get("postgres.maxConnections"), "100", "110")}
    )
    trial.run(cluster.up, PLANNED)


def test_nodes_come_and_go(trial: Trial) -> None:
    """Out by a Tomcat and in again."""
    cluster = trial.cluster

    def out_and_in() -> None:
        for number in ("4", "3"):
            cluster.configure(**{"tomcat.nodes": number})
            cluster.up()

    trial.run(out_and_in, PLANNED)
