"""What hangs or has half started ends, and the engine starts it again; so does what the database does for nobody."""

import signal
from pathlib import Path

import requests

from tests.real.cluster import PSQL, Cluster
from tests.real.engine import docker, eventually, inspect, log_of
from tests.real.processes import processes, restarts, send, signal_processes

SOCKET_LOCK = "/var/run/postgresql/.s.PGSQL.5432.lock"
PROPERTIES = "/opt/tomcat/webapps/ROOT/WEB-INF/classes/cyclos.properties"
FORGOTTEN = "SELECT pg_sleep(600)"
HOW_MANY = "SELECT count(*) FROM pg_stat_activity WHERE query = 'SELECT pg_sleep(600)'"


def test_a_balancer_that_hangs_is_started_again(restless: Cluster) -> None:
    """It is the only one, and shares no address."""
    with restarts(restless.container("balancer-1"), "its container notices that NGINX hangs"):
        signal_processes(restless, "balancer-1", "nginx", signal.SIGSTOP)
    eventually(restless.works, "the balancer works again")


def test_the_number_of_a_server_that_was_killed_misleads_nobody(restless: Cluster, tmp_path: Path) -> None:
    """PostgreSQL's lock beside its socket names a process: when its container starts again, that may be any other."""
    standby = restless.standby()
    name, left = restless.container(standby), tmp_path / "left"

    def number() -> str:
        (watcher, *_) = processes(restless, standby, "/watch ")
        told = Path(f"/proc/{watcher}/status").read_text()
        return next(line.split()[-1] for line in told.splitlines() if line.startswith("NSpid:"))

    def starts_with_a_number_that_is_taken() -> bool:
        before = number()
        docker("kill", name)
        left.write_text(f"{before}\n")
        docker("cp", str(left), f"{name}:{SOCKET_LOCK}")
        docker("start", name)
        eventually(lambda: processes(restless, standby, "/watch "), "its processes are there")
        return number() == before

    eventually(starts_with_a_number_that_is_taken, "the number is another process's")
    eventually(restless.works, "the standby is there again")
    assert "lock file" not in log_of(name, "--since", inspect(name)["State"]["StartedAt"])


def test_a_web_app_that_does_not_start_is_tried_again(restless: Cluster, tmp_path: Path) -> None:
    """Its node never answers that there is nothing; mended, it serves."""
    name = restless.container("tomcat-2")
    good, bad = tmp_path / "good.properties", tmp_path / "bad.properties"
    docker("cp", f"{name}:{PROPERTIES}", str(good))
    text = good.read_text()
    assert "PGSimpleDataSource" in text
    bad.write_text(text.replace("PGSimpleDataSource", "NoSuchDataSource"))
    docker("cp", str(bad), f"{name}:{PROPERTIES}")
    docker("restart", name)
    before = inspect(name)["RestartCount"]

    def is_tried_again() -> bool:
        assert requests.get(f"{restless.url}/api", timeout=10).status_code == requests.codes.ok
        return bool(inspect(name)["RestartCount"] > before + 1)

    eventually(is_tried_again, "the engine has started it twice more")
    docker("cp", str(good), f"{name}:{PROPERTIES}")
    eventually(restless.works, "the node serves")


def test_a_statement_whose_client_has_given_up_ends(cluster: Cluster) -> None:
    """With its locks: whoever comes next does not wait for it."""
    leader = cluster.leader()
    docker("exec", "--detach", cluster.container(leader), *PSQL, "-c", FORGOTTEN)
    eventually(lambda: cluster.sql(leader, HOW_MANY) == "1", "it runs")
    for process in processes(cluster, leader, FORGOTTEN):
        send(process, signal.SIGKILL)
    eventually(lambda: cluster.sql(leader, HOW_MANY) == "0", "the server has noticed", 10)
