"""A real stack on the real engine, as the tests see it: Pulumi by its Automation API, servers by Docker's client."""

import json
import os
import secrets
import shutil
import socket
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import requests
from pulumi import automation as auto

ROOT = Path(__file__).parents[2]
NOT_COPIED = shutil.ignore_patterns(".git", ".venv", ".state", "build", "__pycache__", ".*_cache", "tests")
PATIENCE_SECONDS = 60


def docker(*arguments: str, check: bool = True, stdin: str | None = None) -> str:
    """Run Docker's client; its standard output, stripped."""
    done = subprocess.run(["docker", *arguments], capture_output=True, text=True, check=False, input=stdin, timeout=300)
    assert not check or done.returncode == 0, f"docker {' '.join(arguments)}: {done.stderr}"
    return done.stdout.strip()


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


def free_port() -> int:
    """A port of loopback that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass
class Cluster:
    """One stack in a copy of the checkout, with a backend and a passphrase of its own."""

    folder: Path
    settings: dict[str, str]
    name: str = field(default_factory=lambda: f"test-{secrets.token_hex(3)}")
    port: int = field(default_factory=free_port)

    def __post_init__(self) -> None:
        """Copy the checkout and make the stack; nothing is deployed yet."""
        self.work = self.folder / "checkout"
        shutil.copytree(ROOT, self.work, ignore=NOT_COPIED)
        (self.work / "Pulumi.dev.yaml").unlink()
        (self.folder / "state").mkdir()
        (self.folder / "passphrase").write_text(secrets.token_urlsafe(32))
        self.environment = {
            "PULUMI_BACKEND_URL": f"file://{self.folder / 'state'}",
            "PULUMI_CONFIG_PASSPHRASE_FILE": str(self.folder / "passphrase"),
            "PULUMI_SKIP_UPDATE_CHECK": "true",
        }
        options = auto.LocalWorkspaceOptions(work_dir=str(self.work), env_vars=self.environment)
        self.stack = auto.create_stack(self.name, work_dir=str(self.work), opts=options)
        self.configure(**{"disposable": "true", "balancer.port": str(self.port), "tomcat.memoryMib": "700"})
        self.configure(**self.settings)

    @property
    def label(self) -> str:
        """Value of the label `cyclos.stack` of everything that belongs to the stack."""
        return f"cyclos-{self.name}"

    @property
    def url(self) -> str:
        """Where the balancer answers."""
        return f"http://127.0.0.1:{self.port}"

    def configure(self, **settings: str) -> None:
        """Set configuration as an operator does, by path."""
        for key, value in settings.items():
            self.stack.set_config(key, auto.ConfigValue(value), path=True)

    def up(self) -> dict[str, int]:
        """Converge; how many resources were created, replaced, updated, deleted, left as they were."""
        result = self.stack.up(color="never", suppress_outputs=True)
        return {str(kind): count for kind, count in (result.summary.resource_changes or {}).items()}

    def preview_is_empty(self) -> bool:
        """Whether a preview, refresh included, finds nothing to change."""
        return set(self.stack.preview(color="never", refresh=True).change_summary) == {auto.OpType.SAME}

    def pulumi(self, *arguments: str, **extra: str) -> subprocess.CompletedProcess[str]:
        """Run the command line as an operator does, with the stack's environment."""
        return subprocess.run(
            ["pulumi", *arguments, "--stack", self.name, "--non-interactive", "--color", "never"],
            cwd=self.work,
            env={**os.environ, **self.environment, **extra},
            capture_output=True,
            text=True,
            check=False,
            timeout=600,
        )

    def container(self, node: str) -> str:
        """Name of a node's container."""
        return f"{self.label}-{node}-container"

    def execute(self, node: str, *command: str) -> str:
        """Run a command inside a node's container."""
        return docker("exec", self.container(node), *command)

    def succeeds(self, node: str, *command: str) -> bool:
        """Whether a command inside a node's container ends well."""
        done = subprocess.run(
            ["docker", "exec", self.container(node), *command], capture_output=True, check=False, timeout=60
        )
        return done.returncode == 0

    def sql(self, node: str, statement: str, database: str = "postgres") -> str:
        """Rows as psql prints them: one line each, columns parted by `|`."""
        return self.execute(
            node, "psql", "-XAt", "-h", "/var/run/postgresql", "-U", "postgres", "-d", database, "-c", statement
        )

    def inspect(self, node: str) -> dict[str, Any]:
        """What the engine knows of a node's container."""
        (found,) = json.loads(docker("inspect", self.container(node)))
        return dict(found)

    def nodes(self) -> dict[str, str]:
        """Ids of the stack's containers, by name, running or not."""
        lines = docker("ps", "-a", "--no-trunc", "--filter", f"label=cyclos.stack={self.label}", "--format", "{{.Names}} {{.ID}}")
        return dict(line.split() for line in lines.splitlines())

    def leftovers(self) -> list[str]:
        """Everything on the engine that bears the stack's label."""
        mine = ["--filter", f"label=cyclos.stack={self.label}", "--quiet"]
        kinds = (["ps", "-a"], ["volume", "ls"], ["network", "ls"])
        return [identity for kind in kinds for identity in docker(*kind, *mine).split()]

    def destroy(self) -> None:
        """Destroy the stack; what even that leaves is removed by its label."""
        try:
            self.stack.cancel()
        except auto.CommandError:
            pass  # no update was under way
        try:
            self.stack.destroy(color="never")
        finally:
            remove_by_label(self.label)


def remove_by_label(label: str) -> None:
    """Remove containers, volumes and networks of one stack."""
    mine = ["--filter", f"label=cyclos.stack={label}", "--quiet"]
    for listing, removal in (
        (["ps", "-a"], ["rm", "--force", "--volumes"]),
        (["volume", "ls"], ["volume", "rm", "--force"]),
        (["network", "ls"], ["network", "rm"]),
    ):
        if found := docker(*listing, *mine).split():
            docker(*removal, *found, check=False)


class Browser(requests.Session):
    """A client of the demo: keeps its cookie, speaks JSON."""

    def __init__(self, cluster: Cluster) -> None:
        """Start without a session."""
        super().__init__()
        self.url = cluster.url

    def state(self) -> dict[str, Any]:
        """GET /api/session: node, user, counter."""
        answer = self.get(f"{self.url}/api/session", timeout=20)
        assert answer.status_code == requests.codes.ok, answer.text
        return dict(answer.json())

    def login(self, user: str) -> None:
        """Sign in as one of the demo's users."""
        answer = self.post(f"{self.url}/api/session", json={"user": user, "password": "demo"}, timeout=30)
        assert answer.status_code == requests.codes.ok, answer.text

    def transfer(self, to: str, amount: str, key: str) -> requests.Response:
        """Ask for a transfer."""
        body = {"to": to, "amount": amount, "idempotencyKey": key}
        return self.post(f"{self.url}/api/transfers", json=body, timeout=60)
