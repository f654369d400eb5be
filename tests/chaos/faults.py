"""What can go wrong, done to real containers. Nothing here repairs, but for what a `with` undoes at its end."""

import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

from tests.real.cluster import PSQL, Cluster
from tests.real.engine import docker, eventually, inspect, said
from tests.real.network import in_network_of, rules
from tests.real.processes import processes, restarts, send, signal_process, signal_processes

BITE, BITES = "40M", 25
FILLER = "/var/lib/postgresql/filler"
# A file of WAL ends only when there is something in it.
NEXT_FILES = "SELECT pg_logical_emit_message(false, '', ''), pg_switch_wal() FROM generate_series(1, 10)"
# What a server that must not write says: nothing in time, that it only reads, or that it is not there (any more).
REFUSAL = re.compile(
    r"^$|read-only transaction|cannot .* during recovery|connection to server|server closed|terminating"
)
WRITE = "SELECT pg_logical_emit_message(true, '', '')"
RECOVERS_SECONDS = 30


def stop_postgres(cluster: Cluster, node: str) -> None:
    """Let no process of a node's PostgreSQL go on: its children, then the server itself."""
    for words in ("postgres: ", "/postgres "):
        signal_processes(cluster, node, words, signal.SIGSTOP)


def hang_in_recovery(cluster: Cluster, node: str) -> None:
    """Kill a leader's PostgreSQL; when it is started again, stop it in the middle of its recovery."""
    signal_process(cluster, node, "/postgres ")
    deadline = time.monotonic() + RECOVERS_SECONDS
    while not (recovery := processes(cluster, node, ": startup")):
        assert time.monotonic() < deadline, f"{node} did not begin to recover"
    send(recovery[0], signal.SIGSTOP)


def holder(cluster: Cluster) -> str:
    """The balancer that has the shared address."""
    address = cluster.settings["balancer.virtualIp"]
    found = cluster.holders(address)
    assert len(found) == 1, f"these have {address}: {found}"
    return found[0]


def crash(cluster: Cluster, node: str) -> None:
    """Kill every process of a node's container from within its machine: the engine starts it again."""
    os.kill(int(inspect(cluster.container(node))["State"]["Pid"]), signal.SIGKILL)


def starve(cluster: Cluster, node: str) -> None:
    """Eat memory inside a container, in bites smaller than the server, until the kernel ends the largest process."""
    container, since = cluster.container(node), time.time()
    bite = f"head -c {BITE} /dev/zero | tail -c {BITE} | sleep infinity"
    with restarts(container, f"{node} ran out of memory"):
        said(container, "sh", "-c", f"for bite in $(seq {BITES}); do {bite} & done; wait")
    meanwhile = ("--since", f"{since:.3f}", "--until", f"{time.time():.3f}")
    kills = docker("events", *meanwhile, "--filter", f"container={container}", "--filter", "event=oom")
    assert kills, f"{node} had enough memory"


def writes(cluster: Cluster, node: str, until: Callable[[], object]) -> bool:
    """Whether a PostgreSQL node, asked again and again until something holds, confirms a write within three seconds."""
    answers: list[tuple[int, str]] = []

    def over() -> object:
        code, answer = said(cluster.container(node), "timeout", "3", *PSQL, "-c", WRITE)
        answers.append((code, answer))
        return until()

    eventually(over, f"{node} was asked for long enough")
    strange = [answer for code, answer in answers if code != 0 and not REFUSAL.search(answer)]
    assert not strange, f"neither a confirmation nor a refusal: {strange}"
    return any(code == 0 for code, _ in answers)


def assert_refuse(cluster: Cluster, nodes: Sequence[str]) -> None:
    """None of these PostgreSQL nodes takes itself for the leader, and none confirms a write."""
    assert not [node for node in nodes if cluster.succeeds(node, "leads")]
    assert not [node for node in nodes if writes(cluster, node, until=lambda: True)]


def fill(cluster: Cluster, node: str, bite: str) -> None:
    """Write to a PostgreSQL node's volume, a few bites a second, until not even the next file of the WAL fits."""
    container = cluster.container(node)

    def has_failed() -> bool:
        return not cluster.succeeds(node, "streams") and not cluster.succeeds(node, "leads")

    def fails() -> bool:
        code, _ = said(container, "sh", "-c", f"head -c {bite} /dev/zero >> {FILLER}")
        if code != 0 and not has_failed():
            # Again and again: a checkpoint gives the room of old files back.
            said(cluster.container(cluster.leader()), *PSQL, "-c", NEXT_FILES)
        return has_failed()

    eventually(fails, f"{node} notices that its disk is full")


def make_room(cluster: Cluster, node: str) -> None:
    """Undo `fill`."""
    docker("exec", cluster.container(node), "rm", "-f", FILLER)


@contextmanager
def small_volume(cluster: Cluster, node: str, room_mebibytes: int) -> Iterator[None]:
    """A PostgreSQL node whose volume is a file system of its own, with the same data and little more room."""
    path = Path(docker("volume", "inspect", "--format", "{{.Mountpoint}}", f"{cluster.label}-{node}-data"))
    before, after, disk = (path.with_name(name) for name in ("before", "after", "disk"))
    docker("stop", cluster.container(node))
    path.rename(before)
    path.mkdir()
    size = int(_output("du", "--summarize", "--block-size=1M", before).split()[0]) + room_mebibytes
    # Not a tmpfs: what is written to it counts as memory of the container, which would run out of that first.
    _output("truncate", f"--size={size}M", disk)
    _output("mkfs.ext4", "-q", "-F", "-m", "0", "-O", "^has_journal", disk)
    _output("mount", "-o", "loop", disk, path)
    (path / "lost+found").rmdir()
    try:
        _copy(before, path)
        docker("start", cluster.container(node))
        yield
    finally:
        docker("stop", cluster.container(node))
        after.mkdir()
        _copy(path, after)
        _output("umount", path)
        path.rmdir()
        disk.unlink()
        after.rename(path)
        shutil.rmtree(before)
        docker("start", cluster.container(node))


def _copy(source: Path, target: Path) -> None:
    _output("cp", "--archive", f"{source}/.", target)


def _output(*command: str | Path) -> str:
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def remove(cluster: Cluster, node: str) -> None:
    """Take a node that has no data away for good."""
    docker("rm", "--force", cluster.container(node))


@contextmanager
def lossy(cluster: Cluster, nodes: Sequence[str], share: float) -> Iterator[None]:
    """Each of these nodes loses this share of the packets that reach it."""
    rule = ["INPUT", "-i", "eth0", "-m", "statistic", "--mode", "random", "--probability", str(share), "-j", "DROP"]
    with ExitStack() as everywhere:
        for node in nodes:
            everywhere.enter_context(rules(cluster, node, [rule]))
        yield


@contextmanager
def late(cluster: Cluster, nodes: Sequence[str], milliseconds: int) -> Iterator[None]:
    """Each of these nodes gets every packet so much later."""
    rule = ["INPUT", "-i", "eth0", "-j", "NFQUEUE", "--queue-num", "0", "--queue-bypass"]
    program = [sys.executable, str(Path(__file__).with_name("late.py")), str(milliseconds)]
    with ExitStack() as everywhere:
        for node in nodes:
            command = [*in_network_of(cluster, node), *program]
            everywhere.enter_context(subprocess.Popen(command, stdin=subprocess.PIPE))
            everywhere.enter_context(rules(cluster, node, [rule]))
        yield
