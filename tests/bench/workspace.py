"""Copies of programs with a backend of their own, their stacks, and the removal of all that they made."""

import http.client
import json
import os
import secrets
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Self

from tests.support.ports import free_port
from tests.support.signals import heed_interrupts
from toolchain.stack import backend

ROOT = Path(__file__).parent.parent.parent
ONE_CONTAINER = Path(__file__).parent / "one_container"
LIGHT_NODE = Path(__file__).parent / "light_node" / "Dockerfile"
NOT_COPIED = (".git", ".venv", ".state", "build", "tests", "docs", "__pycache__", ".*_cache", "Pulumi.*.yaml")
COMMAND_SECONDS = 900
# How long the whole cluster may take to answer.
ANSWER_SECONDS = 300


@dataclass(frozen=True)
class Program:
    """One stack of one program."""

    folder: Path
    project: str
    stack: str
    environment: Mapping[str, str] = field(repr=False)  # may hold what a log must not
    port: int = 0  # of its balancer

    @property
    def owner(self) -> str:
        """Value of the label `cyclos.stack` on everything that it makes."""
        return f"{self.project}-{self.stack}"

    def pulumi(self, *arguments: str) -> float:
        """Run the CLI; return the seconds it took."""
        begin = time.perf_counter()
        done = subprocess.run(
            ["pulumi", *arguments, "--stack", self.stack, "--non-interactive", "--color=never"],
            cwd=self.folder, env=self.environment, timeout=COMMAND_SECONDS, check=False,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        )  # fmt: skip
        seconds = time.perf_counter() - begin
        assert done.returncode == 0, f"pulumi {' '.join(arguments)}:\n{done.stdout[-4000:]}"
        return seconds

    def up(self) -> float:
        """Converge; return the seconds it took."""
        return self.pulumi("up", "--yes", "--skip-preview", "--suppress-outputs", "--suppress-progress")

    def preview(self) -> float:
        """Seconds of a preview that finds nothing to change."""
        return self.pulumi("preview", "--expect-no-changes", "--suppress-progress")

    def set(self, settings: Mapping[str, object]) -> None:
        """Set configuration values by path."""
        for key, value in settings.items():
            self.pulumi("config", "set", "--path", key, json.dumps(value))


class Workspace:
    """Makes stacks; at the end removes what they left on the engine, found by label."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._owners: set[str] = set()
        (folder / "state").mkdir()
        self.environment = {
            **{key: value for key, value in os.environ.items() if key != "PULUMI_CONFIG_PASSPHRASE_FILE"},
            "PULUMI_BACKEND_URL": backend(folder / "state"),
            "PULUMI_CONFIG_PASSPHRASE": secrets.token_hex(),
            "PULUMI_SKIP_UPDATE_CHECK": "true",
        }

    def __enter__(self) -> Self:
        """Be ended by SIGTERM (a time limit, say) as by Ctrl-C: only then is everything removed."""
        signal.signal(signal.SIGTERM, signal.default_int_handler)
        heed_interrupts()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        """Leave nothing behind."""
        for owner in self._owners:
            remove(owner)

    def cluster(self, **settings: object) -> Program:
        """Make a stack of the cluster from this checkout: the default one, but disposable and on a free port."""
        made = self._program(ROOT, "cyclos", port=free_port())
        made.set({"disposable": True, "balancer.port": made.port, **settings})
        return made

    def cluster_of_light_nodes(self, **settings: object) -> Program:
        """Make a stack whose Tomcat containers run a tiny server; all that Pulumi sees of them is as always."""
        made = self._program(ROOT, "cyclos", port=free_port(), copy="light")
        shutil.copy(LIGHT_NODE, made.folder / "images" / "cyclos" / "Dockerfile")
        made.set({"disposable": True, "balancer.port": made.port, "postgres.maxConnections": 700, **settings})
        return made

    def one_container(self) -> Program:
        """Make a stack of the program with one container."""
        return self._program(ONE_CONTAINER, "one-container")

    def claim(self, owner: str) -> None:
        """Have everything with this label removed at the end, whoever made it."""
        self._owners.add(owner)

    def _program(self, source: Path, project: str, port: int = 0, copy: str = "") -> Program:
        folder = self._folder / (copy or project)
        if not folder.exists():
            shutil.copytree(source, folder, ignore=shutil.ignore_patterns(*NOT_COPIED))
            (folder / ".venv").symlink_to(sys.prefix)
        made = Program(folder, project, f"bench-{secrets.token_hex(3)}", self.environment, port)
        self.claim(made.owner)
        made.pulumi("stack", "init")
        return made


def remove(owner: str) -> None:
    """Remove containers, volumes and networks of a stack, by label."""
    for listing, removal in (
        (("ps", "--all", "--quiet"), ("rm", "--force", "--volumes")),
        (("volume", "ls", "--quiet"), ("volume", "rm")),
        (("network", "ls", "--quiet"), ("network", "rm")),
    ):
        if found := docker(*listing, "--filter", f"label=cyclos.stack={owner}").split():
            docker(*removal, *found)


def docker(*arguments: str, stdin: str = "") -> str:
    """Run Docker's client."""
    done = subprocess.run(
        ["docker", *arguments], input=stdin, capture_output=True, text=True, timeout=COMMAND_SECONDS, check=False
    )
    assert done.returncode == 0, f"docker {' '.join(arguments)}: {done.stderr}"
    return done.stdout


def first_answer(port: int, process: subprocess.Popen[str]) -> float:
    """Wait until `/api` answers 200 on a loopback port; return that moment. Gives up when `process` has failed."""
    deadline = time.perf_counter() + ANSWER_SECONDS
    while time.perf_counter() < deadline:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=2)
        try:
            connection.request("GET", "/api")
            if connection.getresponse().status == http.client.OK:
                return time.perf_counter()
        except OSError:
            pass
        finally:
            connection.close()
        assert process.poll() in {None, 0}, f"{process.args!r} ended with {process.returncode}"
        time.sleep(0.05)
    raise AssertionError(f"no answer on port {port} within {ANSWER_SECONDS} s")
