"""What an operator does while clients work: nothing of it fails a request."""

from dataclasses import replace
from datetime import datetime
from itertools import pairwise

import pytest

from tests.chaos.limits import ADDRESS_MOVES, FEWER_TOMCATS, PLANNED, RELOADED, SWITCHOVER
from tests.chaos.trial import Trial
from tests.real.cluster import Cluster, changed
from tests.real.engine import docker, inspect

# Names the configuration that a balancer works with.
GENERATION = ("curl", "--silent", "http://127.0.0.1:8081/balancer")
SINCE = "date_part('epoch', pg_postmaster_start_time())"


def other_than(now: str | None, usual: str, other: str) -> str:
    """The one of two values that is not in force."""
    return usual if now == other else other


def made(cluster: Cluster, node: str) -> datetime:
    """When a node's container was made."""
    return datetime.fromisoformat(inspect(cluster.container(node))["Created"])


def stopped_and_started(container: str) -> tuple[datetime, datetime]:
    """When a container last ended, and when it began anew."""
    state = inspect(container)["State"]
    return datetime.fromisoformat(state["FinishedAt"]), datetime.fromisoformat(state["StartedAt"])


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


def test_settings_of_tomcat_change(trial: Trial) -> None:
    """One node after the other is started anew: with another heap, and another line of cyclos.properties."""
    cluster = trial.cluster
    before = cluster.starts()
    cluster.configure(
        **{
            "tomcat.memoryMib": other_than(cluster.settings.get("tomcat.memoryMib"), "700", "650"),
            "tomcat.databaseSeconds": other_than(cluster.settings.get("tomcat.databaseSeconds"), "20", "21"),
        }
    )
    trial.run(cluster.up, PLANNED)
    after = cluster.starts()
    tomcats = {cluster.container(node) for node in cluster.tier("tomcat")}
    assert changed(before, after) == tomcats
    away = sorted(stopped_and_started(tomcat) for tomcat in tomcats)
    assert all(one[1] < next_one[0] for one, next_one in pairwise(away)), f"two at once: {away}"


def test_images_of_the_database_change(trial: Trial) -> None:
    """As with another release of this project: one container after the other is replaced."""
    cluster = trial.cluster
    before = cluster.nodes()
    for image in ("postgres", "etcd"):
        cluster.add_to_image(image, f"LABEL run={trial.number}")
    trial.run(cluster.up, PLANNED)
    after = cluster.nodes()
    assert changed(before, after) == {
        cluster.container(node) for tier in ("postgres", "etcd") for node in cluster.tier(tier)
    }


def test_images_change_when_nodes_are_lost(trial: Trial) -> None:
    """One of each tier, with its data where it has any: it is back before a living one is replaced."""
    cluster = trial.cluster
    leader = cluster.leader()
    lost = {tier: trial.victims(tier)[0] for tier in ("etcd", "tomcat", "balancer")}
    lost["postgres"] = next(node for node in trial.victims("postgres") if node != leader)
    cluster.lose(lost["etcd"], lost["postgres"])
    docker("rm", "--force", cluster.container(lost["tomcat"]), cluster.container(lost["balancer"]))
    before = cluster.nodes()
    for image in ("cyclos", "postgres", "etcd", "nginx"):
        cluster.add_to_image(image, f"LABEL lost={trial.number}")
    trial.run(cluster.up, replace(FEWER_TOMCATS, resent=2))
    after = cluster.nodes()
    assert after.keys() == trial.nodes
    assert changed(before, after) == before.keys()
    for tier, node in lost.items():
        others = [made(cluster, other) for other in cluster.tier(tier) if other != node]
        assert made(cluster, node) < min(others), f"{node} came after a living one was replaced"


def test_the_image_of_the_balancers_changes(trial: Trial) -> None:
    """One after the other is replaced; the address goes to the other one before."""
    cluster = trial.cluster
    before = cluster.nodes()
    cluster.add_to_image("nginx", f"LABEL run={trial.number}")
    trial.run(cluster.up, ADDRESS_MOVES)
    after = cluster.nodes()
    assert changed(before, after) == {cluster.container(node) for node in cluster.tier("balancer")}


def test_a_change_of_tomcat_does_not_work(trial: Trial) -> None:
    """The first node that gets it fails the `up`; the others stay as they were, and serve."""
    cluster = trial.cluster
    nonsense = cluster.edited("config_templates/tomcat/jvm.options.j2", "-Xmx", "-Xnonsense\n-Xmx")
    impatience = cluster.edited("components/cyclos_tomcat_node.py", "READY_SECONDS = 900", "READY_SECONDS = 15")
    before = cluster.starts()

    def fails() -> None:
        with nonsense, impatience:
            failed = cluster.pulumi("up", "--yes", "--skip-preview")
        assert failed.returncode != 0
        assert f"{cluster.container('tomcat-1')} is not ready after 15 s" in failed.stdout
        assert "-Xnonsense" in failed.stdout
        after = cluster.starts()
        assert changed(before, after) == {cluster.container("tomcat-1")}

    trial.run(fails, FEWER_TOMCATS, heal=cluster.up)


def test_the_configuration_of_the_balancers_changes(trial: Trial) -> None:
    """It is tested and reloaded."""
    cluster = trial.cluster
    balancers, starts = cluster.tier("balancer"), cluster.starts()
    before = [cluster.execute(balancer, *GENERATION) for balancer in balancers]
    cluster.add_to_configuration("nginx/nginx.conf.j2", f"# changed {trial.number}")
    trial.run(cluster.up, RELOADED)
    after = [cluster.execute(balancer, *GENERATION) for balancer in balancers]
    assert all(old != new for old, new in zip(before, after, strict=True))
    assert cluster.starts() == starts


def test_settings_of_postgres_change(trial: Trial) -> None:
    """Patroni restarts for one that is the cluster's and for one that is a node's; standbys first."""
    cluster = trial.cluster
    leader, nodes = cluster.leader(), cluster.tier("postgres")
    ask = "SELECT current_setting('max_connections'), current_setting('shared_buffers'), " + SINCE
    before = [cluster.sql(node, ask).split("|") for node in nodes]
    cluster.configure(
        **{
            "postgres.maxConnections": other_than(cluster.settings.get("postgres.maxConnections"), "130", "140"),
            "postgres.memoryMib": other_than(cluster.settings.get("postgres.memoryMib"), "512", "520"),
        }
    )
    trial.run(cluster.up, PLANNED)
    after = [cluster.sql(node, ask).split("|") for node in nodes]
    for old, new in zip(before, after, strict=True):
        assert all(was != now for was, now in zip(old, new, strict=True))
    restarted = {node: float(moment) for node, (*_, moment) in zip(nodes, after, strict=True)}
    assert max(restarted, key=restarted.__getitem__) == leader, "the leader was not the last one"


@pytest.mark.parametrize("tier", ["tomcat", "postgres", "balancer"])
def test_nodes_come_and_go(trial: Trial, tier: str) -> None:
    """Out by a Tomcat and in again, by a balancer; in by a replica, the one that leads, and out again."""
    cluster = trial.cluster
    key, numbers, limits = {
        "tomcat": ("tomcat.nodes", "43", replace(FEWER_TOMCATS, resent=2)),
        "postgres": ("postgres.replicas", "12", PLANNED),
        "balancer": ("balancer.nodes", "32", PLANNED),
    }[tier]
    if tier == "postgres":
        cluster.switch_over(cluster.tier(tier)[-1])
    seen = []

    def there_and_back() -> None:
        for number in numbers:
            cluster.configure(**{key: number})
            cluster.up()
            seen.append(len(cluster.tier(tier)))

    trial.run(there_and_back, limits)
    assert seen == {"tomcat": [4, 3], "postgres": [2, 3], "balancer": [3, 2]}[tier]
    assert cluster.nodes().keys() == trial.nodes
