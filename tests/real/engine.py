"""The Docker engine as the tests see it: its client, conditions watched with a deadline, removal by label."""

import json
import os
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import requests

PATIENCE_SECONDS = 90
LABEL = "cyclos.stack"
# Of every stack that these tests make; after it the process that made the stack.
PREFIX = "cyclos-test-"


def docker(*arguments: str, check: bool = True, stdin: str | None = None) -> str:
    """Run Docker's client; its standard output, stripped."""
    done = subprocess.run(["docker", *arguments], capture_output=True, text=True, check=False, input=stdin, timeout=300)
    assert not check or done.returncode == 0, f"docker {' '.join(arguments)}: {done.stderr}"
    return done.stdout.strip()


def said(container: str, *command: str, stdin: str = "") -> tuple[int, str]:
    """Run a command inside a container: its exit code and all that it printed."""
    done = subprocess.run(
        ["docker", "exec", "--interactive", container, *command], input=stdin,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False, timeout=120,
    )  # fmt: skip
    return done.returncode, done.stdout.strip()


def shell(container: str, text: str) -> str:
    """Run a line of shell inside a container that must succeed."""
    return docker("exec", container, "sh", "-ec", text)


def log_of(container: str, *options: str) -> str:
    """All that a container has written, to either stream, or what options of `docker logs` leave of it."""
    command = ["docker", "logs", *options, container]
    return subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=True).stdout


def inspect(container: str) -> dict[str, Any]:
    """What the engine knows of a container."""
    (found,) = json.loads(docker("inspect", container))
    return dict(found)


def eventually(condition: Callable[[], object], what: str, seconds: float = PATIENCE_SECONDS) -> None:
    """Watch a condition until it holds; fail with its last error when the time is up."""
    deadline = time.monotonic() + seconds
    last: object = None
    while time.monotonic() < deadline:
        try:
            last = condition()
        except (AssertionError, OSError, requests.RequestException) as error:
            last = error
        else:
            if last:
                return
        time.sleep(0.2)
    raise AssertionError(f"not within {seconds} s: {what} (last: {last!r})")


def wait_since(moment: float, seconds: float) -> None:
    """Wait until so much time has passed since a moment of the monotonic clock: where time itself is the condition."""
    eventually(lambda: time.monotonic() > moment + seconds, "it has lasted long enough", seconds + 5)


def labelled(owner: str) -> list[str]:
    """Every container, volume and network that bears a stack's label, running or not."""
    mine = ["--filter", f"label={LABEL}={owner}", "--quiet"]
    kinds = (["ps", "--all"], ["volume", "ls"], ["network", "ls"])
    return [identity for kind in kinds for identity in docker(*kind, *mine).split()]


def remove_labelled(owner: str) -> None:
    """Remove containers, volumes and networks of one stack."""
    mine = ["--filter", f"label={LABEL}={owner}", "--quiet"]
    for listing, removal in (
        (["ps", "--all"], ["rm", "--force", "--volumes"]),
        (["volume", "ls"], ["volume", "rm", "--force"]),
        (["network", "ls"], ["network", "rm"]),
    ):
        if found := docker(*listing, *mine).split():
            docker(*removal, *found, check=False)


def owners() -> set[str]:
    """Whose containers, volumes and networks are on the engine: values of the label."""
    listings = (["ps", "--all"], ["volume", "ls"], ["network", "ls"])
    columns = ["--filter", f"label={LABEL}", "--format", f'{{{{.Label "{LABEL}"}}}}']
    return {owner for listing in listings for owner in docker(*listing, *columns).split()}


def sweep() -> None:
    """Remove what a session that crashed left behind; what a living one uses stays."""
    for owner in owners():
        maker, told, _ = owner.removeprefix(PREFIX).partition("-")
        if owner.startswith(PREFIX) and told and maker.isdigit() and not _lives(int(maker)):
            remove_labelled(owner)


def _lives(process: int) -> bool:
    # This process has made nothing yet: its number was another's.
    return process != os.getpid() and Path(f"/proc/{process}").exists()
