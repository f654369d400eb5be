"""What `pulumi up` costs beside a shell script that does the same by hand."""

import json
import os
import subprocess
import time
from collections.abc import Mapping
from pathlib import Path

import pytest

from core.naming import Names
from tests.bench.by_hand import SCRIPT, write_files
from tests.bench.figures import Results, check, median_ratio
from tests.bench.workspace import Program, Workspace, docker, first_answer, remove
from tests.support.ports import free_port

pytestmark = pytest.mark.bench
PAIRS = 3
HAND = Names("cyclos", "bench-hand")
# Of a container's own configuration: what must be equal for the race to be fair.
COMPARED = (
    *("Binds", "Memory", "MemorySwap", "ShmSize", "Init", "RestartPolicy", "LogConfig"),
    *("CapDrop", "CapAdd", "SecurityOpt", "Privileged"),
)


def test_up(workspace: Workspace, results: Results, tmp_path: Path) -> None:
    """From the start of the command to the first 200 through the balancer, alternating."""
    workspace.claim(HAND.owner)
    script = write_files(tmp_path, HAND)
    built = workspace.cluster()
    built.up()  # builds the images
    remove(built.owner)
    ours: list[float] = []
    theirs: list[float] = []
    for _ in range(PAIRS):
        cluster = workspace.cluster()
        ours.append(_program(cluster))
        theirs.append(_by_hand(script))
        assert _shape(cluster.owner) == _shape(HAND.owner)
        remove(cluster.owner)
        remove(HAND.owner)
    ratio = median_ratio(ours, theirs)
    results.record("up_ratio", ratio, {"pulumi up, s": ours, "by hand, s": theirs})
    check("up_ratio", ratio)


def _program(cluster: Program) -> float:
    command = ["pulumi", "up", "--yes", "--stack", cluster.stack, "--non-interactive"]
    return _raced(command, cluster.port, cluster.folder, cluster.environment)


def _by_hand(script: list[str]) -> float:
    port = free_port()
    return _raced([*script, str(port)], port, SCRIPT.parent, os.environ)


def _raced(command: list[str], port: int, folder: Path, environment: Mapping[str, str]) -> float:
    """Seconds until the first answer; then the command is left to end."""
    begin = time.perf_counter()
    process = subprocess.Popen(
        command, cwd=folder, env=environment,
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, text=True,
    )  # fmt: skip
    try:
        seconds = first_answer(port, process) - begin
        assert process.wait(timeout=60) == 0, f"{command} ended with {process.returncode}"
    finally:
        process.kill()
    return seconds


def _shape(owner: str) -> dict[str, dict[str, object]]:
    """What the engine says about a stack's containers, without names and addresses."""
    found = docker("ps", "--quiet", "--filter", f"label=cyclos.stack={owner}").split()
    shape: dict[str, dict[str, object]] = {}
    for container in json.loads(docker("inspect", *found)):
        host, own = container["HostConfig"], container["Config"]
        health = own["Healthcheck"]
        shape[own["Hostname"]] = {
            "image": own["Image"],
            "user": own["User"],
            "stop": (own.get("StopSignal"), own.get("StopTimeout")),
            "health": [health.get(key) for key in ("Interval", "Timeout", "StartPeriod", "Retries")],
            **{key: str(host[key] or None).replace(owner, "OWNER") for key in COMPARED},
        }
    return shape
