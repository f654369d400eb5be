"""`pulumi up` dies in the middle of its work, while clients work; the next one goes on from there."""

import re
import time
from collections.abc import Callable
from pathlib import Path

from tests.chaos.limits import ADDRESS_MOVES, FEWER_TOMCATS, PLANNED, RELOADED, Limits
from tests.chaos.test_3_consensus import MEMBERS
from tests.chaos.test_6_planned import GENERATION, other_than
from tests.chaos.trial import Trial
from tests.real.cluster import PSQL, changed
from tests.real.engine import docker, inspect, said
from tests.real.killing import kill_up_when

# Tiers with their images, and what an `up` that is killed may cost there.
REPLACED = (
    ("balancer", "nginx", ADDRESS_MOVES),
    ("tomcat", "cyclos", FEWER_TOMCATS),
    ("postgres", "postgres", PLANNED),
    ("etcd", "etcd", PLANNED),
)
IN_USE = re.compile(r'container name "/(\S+)" is already in use')


def interrupt(trial: Trial, reached: Callable[[], bool], limits: Limits) -> None:
    """Kill an `up` as soon as it has reached a point; the operator frees the stack and runs it again."""
    cluster = trial.cluster

    def again() -> None:
        assert cluster.pulumi("cancel", "--yes").returncode == 0
        done = cluster.pulumi("up", "--yes", "--skip-preview")
        if orphan := IN_USE.search(done.stdout):
            # The killed `up` had just made a container, and had no time to note it (docs/failure-modes.md).
            docker("rm", "--force", orphan[1])
            cluster.up()
        else:
            assert done.returncode == 0, done.stdout

    trial.run(lambda: kill_up_when(cluster, reached, trial.scenario), limits, heal=again)
    assert cluster.preview_is_empty()


def test_up_is_killed_while_an_image_is_built(trial: Trial) -> None:
    """Nothing of the cluster was touched yet."""
    # Never the same again: the engine would find the step in its cache of an earlier session, and not take it.
    seconds = f"{2 + time.time() % 1:.6f}"
    trial.cluster.add_to_image("nginx", f"RUN sleep {seconds}")
    step = f"sleep\0{seconds}\0".encode()
    interrupt(trial, lambda: any(_words(process) == step for process in Path("/proc").glob("[0-9]*")), ADDRESS_MOVES)


def _words(process: Path) -> bytes:
    try:
        return (process / "cmdline").read_bytes()
    except OSError:
        return b""  # ended meanwhile


def test_up_is_killed_while_an_etcd_member_joins(trial: Trial) -> None:
    """The others know its new self, which has begun to start."""
    cluster = trial.cluster
    member, other, _ = trial.victims("etcd")
    before = cluster.execute(other, *MEMBERS).splitlines()
    cluster.lose(member)
    interrupt(trial, lambda: set(cluster.execute(other, *MEMBERS).splitlines()) - set(before) != set(), PLANNED)


def test_up_is_killed_while_a_node_is_copied(trial: Trial) -> None:
    """A standby was lost with its data, and its copy is half done."""
    cluster = trial.cluster
    node = cluster.standby()
    cluster.lose(node)
    seed = f"{cluster.label}-{node}-seed"
    interrupt(trial, lambda: said(seed, "test", "-d", "/var/lib/postgresql/data.seeding")[0] == 0, PLANNED)


def test_up_is_killed_while_the_database_is_restarted(trial: Trial) -> None:
    """One standby has the new setting, the others have not."""
    cluster = trial.cluster
    wanted = other_than(cluster.settings["postgres.maxConnections"], "130", "140")
    cluster.configure(**{"postgres.maxConnections": wanted})
    containers = [cluster.container(node) for node in cluster.tier("postgres")]
    ask = (*PSQL, "-Atc", "SHOW max_connections")
    interrupt(trial, lambda: (0, wanted) in [said(container, *ask) for container in containers], PLANNED)


def test_up_is_killed_while_it_switches_over(trial: Trial) -> None:
    """The wanted node leads, but nobody has waited for the others."""
    cluster = trial.cluster
    wanted = cluster.standby()
    cluster.configure(**{"postgres.leader": wanted})
    try:
        interrupt(trial, lambda: cluster.succeeds(wanted, "leads"), PLANNED)
    finally:
        cluster.forget("postgres.leader")


def test_up_is_killed_while_a_tomcat_is_drained(trial: Trial) -> None:
    """Its users are elsewhere, and come back."""
    cluster = trial.cluster
    cluster.configure(**{"tomcat.memoryMib": other_than(cluster.settings["tomcat.memoryMib"], "700", "650")})
    balancers = cluster.tier("balancer")

    def are_drained(node: str) -> list[bool]:
        return [cluster.is_drained(balancer, node) for balancer in balancers]

    interrupt(trial, lambda: all(are_drained("tomcat-1")), FEWER_TOMCATS)
    assert not any(any(are_drained(node)) for node in cluster.tier("tomcat"))


def test_up_is_killed_while_a_tomcat_is_started_anew(trial: Trial) -> None:
    """It is stopped, or has just begun to start."""
    cluster = trial.cluster
    cluster.configure(**{"tomcat.memoryMib": other_than(cluster.settings["tomcat.memoryMib"], "700", "650")})
    name = cluster.container("tomcat-1")
    before = inspect(name)["State"]

    def reached() -> bool:
        now = inspect(name)["State"]
        return not now["Running"] or now["StartedAt"] != before["StartedAt"]

    interrupt(trial, reached, FEWER_TOMCATS)


def test_up_is_killed_while_a_container_is_replaced(trial: Trial) -> None:
    """The old one is gone; of another tier in each run."""
    cluster = trial.cluster
    tier, image, limits = REPLACED[trial.number % len(REPLACED)]
    cluster.add_to_image(image, f"LABEL replaced={trial.number}")
    before, names = cluster.nodes(), {cluster.container(node) for node in cluster.tier(tier)}

    def reached() -> bool:
        now = cluster.nodes()
        return any(now.get(name) != before[name] for name in names)

    interrupt(trial, reached, limits)
    assert changed(before, cluster.nodes()) == names


def test_up_is_killed_while_balancers_change(trial: Trial) -> None:
    """One has the new configuration, the other has not."""
    cluster = trial.cluster
    cluster.add_to_configuration("nginx/nginx.conf.j2", f"# run {trial.number}")
    container = cluster.container("balancer-1")
    before = said(container, *GENERATION)
    interrupt(trial, lambda: said(container, *GENERATION) != before, RELOADED)
