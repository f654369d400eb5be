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


def interrupt(trial: Trial, limits: Limits, *points: Callable[[], bool]) -> None:
    """Kill an `up` at a point, the next one at the next point; the operator frees the stack and runs it again."""
    cluster = trial.cluster

    def kill() -> None:
        for reached in points:
            kill_up_when(cluster, reached, trial.scenario)
            assert cluster.pulumi("cancel", "--yes").returncode == 0

    def again() -> None:
        done = cluster.pulumi("up", "--yes", "--skip-preview")
        if orphan := IN_USE.search(done.stdout):
            # The killed `up` had just made a container, and had no time to note it (docs/failure-modes.md).
            docker("rm", "--force", orphan[1])
            cluster.up()
        else:
            assert done.returncode == 0, done.stdout

    trial.run(kill, limits, heal=again)
    assert cluster.preview_is_empty()


def test_up_is_killed_while_an_image_is_built(trial: Trial) -> None:
    """Nothing of the cluster was touched yet."""
    # Never the same again: the engine would find the step in its cache of an earlier session, and not take it.
    seconds = f"{2 + time.time() % 1:.6f}"
    trial.cluster.add_to_image("nginx", f"RUN sleep {seconds}")
    step = f"sleep\0{seconds}\0".encode()
    interrupt(trial, ADDRESS_MOVES, lambda: any(_words(process) == step for process in Path("/proc").glob("[0-9]*")))


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
    interrupt(trial, PLANNED, lambda: set(cluster.execute(other, *MEMBERS).splitlines()) - set(before) != set())


def test_up_is_killed_while_a_node_is_copied(trial: Trial) -> None:
    """A standby was lost with its data, and its copy is half done."""
    cluster = trial.cluster
    node = cluster.standby()
    cluster.lose(node)
    seed = f"{cluster.label}-{node}-seed"
    interrupt(trial, PLANNED, lambda: said(seed, "test", "-d", "/var/lib/postgresql/data.seeding")[0] == 0)


def test_up_is_killed_while_the_database_is_restarted(trial: Trial) -> None:
    """One standby has the new setting, the others have not."""
    cluster = trial.cluster
    wanted = other_than(cluster.settings["postgres.maxConnections"], "130", "140")
    cluster.configure(**{"postgres.maxConnections": wanted})
    containers = [cluster.container(node) for node in cluster.tier("postgres")]
    ask = (*PSQL, "-Atc", "SHOW max_connections")
    interrupt(trial, PLANNED, lambda: (0, wanted) in [said(container, *ask) for container in containers])


def test_up_is_killed_while_it_switches_over(trial: Trial) -> None:
    """The wanted node leads, but nobody has waited for the others."""
    cluster = trial.cluster
    wanted = cluster.standby()
    cluster.configure(**{"postgres.leader": wanted})
    try:
        interrupt(trial, PLANNED, lambda: cluster.succeeds(wanted, "leads"))
    finally:
        cluster.forget("postgres.leader")


def test_up_is_killed_while_tomcats_change(trial: Trial) -> None:
    """Twice: one is drained, its users are elsewhere; and the next one is stopped, or has just begun to start."""
    cluster = trial.cluster
    cluster.configure(**{"tomcat.memoryMib": other_than(cluster.settings["tomcat.memoryMib"], "700", "650")})
    balancers, name = cluster.tier("balancer"), cluster.container("tomcat-2")
    before = inspect(name)["State"]

    def are_drained(node: str) -> list[bool]:
        return [cluster.is_drained(balancer, node) for balancer in balancers]

    def is_started_anew() -> bool:
        now = inspect(name)["State"]
        return not now["Running"] or now["StartedAt"] != before["StartedAt"]

    interrupt(trial, FEWER_TOMCATS, lambda: all(are_drained("tomcat-1")), is_started_anew)
    assert not any(any(are_drained(node)) for node in cluster.tier("tomcat"))


def test_up_is_killed_while_a_container_is_replaced(trial: Trial) -> None:
    """The old one is gone; of another tier in each run."""
    cluster = trial.cluster
    tier, image, limits = REPLACED[trial.number % len(REPLACED)]
    cluster.add_to_image(image, f"LABEL replaced={trial.number}")
    before, names = cluster.nodes(), {cluster.container(node) for node in cluster.tier(tier)}

    def reached() -> bool:
        now = cluster.nodes()
        return any(now.get(name) != before[name] for name in names)

    interrupt(trial, limits, reached)
    assert changed(before, cluster.nodes()) == names


def test_up_is_killed_while_balancers_change(trial: Trial) -> None:
    """One has the new configuration, the other has not."""
    cluster = trial.cluster
    cluster.add_to_configuration("nginx/nginx.conf.j2", f"# run {trial.number}")
    container = cluster.container("balancer-1")
    before = said(container, *GENERATION)
    interrupt(trial, RELOADED, lambda: said(container, *GENERATION) != before)
