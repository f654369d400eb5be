"""`pulumi up` is killed while it seeds, or fails, and is run again: it always converges. Uses the second stack."""

from pathlib import Path

from tests.real.cluster import Cluster
from tests.real.engine import docker, inspect, said
from tests.real.killing import kill_up_when
from tests.real.packages import HIKARICP, tomcat_examples

BASE = "debian:trixie-slim"
GATE = "components/cyclos_tomcat_node.py"


def kill_up_during(stack: Cluster, node: str) -> str:
    """Start `pulumi up`, kill it in the middle of a node's seed; return the name of the seed's container."""
    seed = f"{stack.label}-{node}-seed"
    kill_up_when(stack, lambda: said(seed, "test", "-d", "/var/lib/postgresql/data.seeding")[0] == 0, f"seed of {node}")
    return seed


def test_an_up_killed_while_the_primary_is_seeded_leaves_no_half_database(second: Cluster) -> None:
    """The seed dies too, as in a power cut: what it had begun is told from a database."""
    seed = kill_up_during(second, "postgres-1")
    docker("kill", seed, check=False)
    docker("rm", "--force", seed, check=False)
    volume = f"{second.label}-postgres-1-data:/volume:ro"
    look = ("run", "--rm", "--network", "none", "--volume", volume, BASE, "ls", "/volume")
    files = docker(*look).split()
    assert "data.seeding" in files
    assert "data" not in files
    refused = second.pulumi("up", "--yes", "--skip-preview")
    assert refused.returncode != 0
    assert "pulumi cancel" in refused.stdout, "Pulumi itself says how to get rid of the stale lock"
    assert second.pulumi("cancel", "--yes").returncode == 0


def test_a_primary_that_may_not_lead_keeps_the_replica_waiting(second: Cluster) -> None:
    """The half-done primary is made anew, and runs; the next `up` has to mend it before there is anything to copy."""
    with (
        second.edited("config_templates/patroni/patroni.yml.j2", "watchdog:", "tags:\n  nofailover: true\nwatchdog:"),
        second.edited("components/postgres_node.py", "READY_SECONDS = 180", "READY_SECONDS = 20"),
    ):
        failed = second.pulumi("up", "--yes", "--skip-preview")
    assert failed.returncode != 0
    assert f"{second.container('postgres-1')} is not ready after 20 s" in failed.stdout
    assert inspect(second.container("postgres-1"))["State"]["Running"]
    assert second.tier("postgres") == ["postgres-1"]


def test_an_up_killed_while_the_replica_is_seeded_goes_on(second: Cluster) -> None:
    """The primary is mended; the replica's seed outlives its `up` and is ended by the next one."""
    kill_up_during(second, "postgres-2")
    assert second.succeeds("postgres-1", "leads")
    assert second.pulumi("cancel", "--yes").returncode == 0


def test_a_node_that_cannot_become_ready_is_named_with_its_log(second: Cluster, tmp_path: Path) -> None:
    """The package's /api never answers; only the deadline is shortened, in the copy that this stack runs from."""
    good = second.settings["package"]
    second.configure(package=str(tomcat_examples(tmp_path / "cyclos-9.0.2.zip", HIKARICP, answers_api=False)))
    with second.edited(GATE, "READY_SECONDS = 900", "READY_SECONDS = 20"):
        failed = second.pulumi("up", "--yes", "--skip-preview", "--diff")
    second.configure(package=good)
    assert failed.returncode != 0
    assert f"{second.container('tomcat-1')} is not ready after 20 s" in failed.stdout
    assert "/api answered 404, not 200" in failed.stdout
    assert "last lines of cyclos-" in failed.stdout
    assert "org.apache.catalina" in failed.stdout
    assert "Traceback" not in failed.stdout


def test_the_next_up_converges(second: Cluster) -> None:
    """After two kills and a failure: nothing is done twice, nothing is missing, and a preview is empty."""
    second.up()
    assert second.works()
    identifiers = {
        second.sql(node, "SELECT system_identifier FROM pg_control_system()") for node in second.tier("postgres")
    }
    assert len(identifiers) == 1
    assert second.sql(second.leader(), "SELECT slot_name FROM pg_replication_slots") == "postgres_2"
    assert second.preview_is_empty()


def test_a_start_that_was_cut_off_is_not_forgotten(second: Cluster) -> None:
    """The container runs, so that nobody sees by itself that its node was never asked whether it is ready."""
    name = second.container("tomcat-2")
    docker("stop", name)
    kill_up_when(second, lambda: bool(inspect(name)["State"]["Running"]), "the start of tomcat-2")
    assert second.pulumi("cancel", "--yes").returncode == 0
    assert inspect(name)["State"]["Running"]
    assert second.pulumi("preview", "--expect-no-changes").returncode != 0
    second.up()
    assert second.works()
    assert second.preview_is_empty()
