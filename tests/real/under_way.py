"""A transfer that takes as long as a test wants."""

import subprocess
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from uuid import uuid4

import requests

from tests.real.client import Browser
from tests.real.cluster import PSQL, Cluster
from tests.real.engine import eventually

LOCK = "SELECT name FROM standin.accounts WHERE name = 'oscar' FOR UPDATE"
WAITING = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND usename = 'cyclos'"


def client(*command: str) -> subprocess.Popen[str]:
    """A client that is told to end by the end of its input."""
    return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)


@contextmanager
def transfer_under_way(cluster: Cluster, browser: Browser) -> Iterator[Future[requests.Response]]:
    """A transfer that waits for a row, which is free again at the end."""
    psql = ("docker", "exec", "--interactive", cluster.container(cluster.leader()), *PSQL, "-At", "-d", "cyclos4")
    with ThreadPoolExecutor(1) as threads, client(*psql) as holder:
        assert holder.stdin
        assert holder.stdout
        holder.stdin.write(f"BEGIN; {LOCK};\n")
        holder.stdin.flush()
        assert holder.stdout.readline() == "oscar\n"
        answer = threads.submit(browser.transfer, "oscar", "0.01", str(uuid4()))
        try:
            eventually(lambda: cluster.sql(cluster.leader(), WAITING) == "1", "the transfer waits")
            yield answer
        finally:
            holder.stdin.close()
