"""A real stack on the real engine, as the tests see it: Pulumi by its Automation API or its command line."""

import os
import secrets
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import compress
from pathlib import Path

import requests
from pulumi import automation as auto

from tests.real.engine import LABEL, docker, eventually, inspect, labelled, remove_labelled, said
from tests.support.ports import free_port
from toolchain.stack import backend

ROOT = Path(__file__).parents[2]
NOT_COPIED = shutil.ignore_patterns(
    ".git", ".venv", ".state", "build", "__pycache__", ".*_cache", "tests", "Pulumi.*.yaml"
)
COMMAND_SECONDS = 900
# Within a PostgreSQL node, past every password.
PSQL = ("psql", "-Xq", "-h", "/var/run/postgresql", "-U", "postgres")
# Tells a server that was left alone from one that was started anew.
STARTED = "SELECT pg_postmaster_start_time()"


def _not_copied(folder: str, names: list[str]) -> set[str]:
    """Leave out what setup put beside a Dockerfile, too: whoever has Pulumi already never runs setup."""
    return NOT_COPIED(folder, names) | ({"artefacts", "web.tar"} if "Dockerfile" in names else set())


def _append(file: Path, line: str) -> None:
    file.write_text(f"{file.read_text()}{line}\n")


def changed(before: Mapping[str, str], after: Mapping[str, str]) -> set[str]:
    """Names of those containers of before that are others now (`nodes`), or were started anew as well (`starts`)."""
    return {name for name in before if before[name] != after[name]}


@dataclass
class Cluster:
    """One stack in a copy of the checkout, with a backend and a passphrase of its own."""

    folder: Path
    settings: dict[str, str] = field(default_factory=dict)
    name: str = field(default_factory=lambda: f"test-{os.getpid()}-{secrets.token_hex(2)}")
    port: int = field(default_factory=free_port)
    transcript: str = ""  # all that Pulumi printed

    def __post_init__(self) -> None:
        """Copy the checkout and make the stack; nothing is deployed yet."""
        self.work = self.folder / "checkout"
        shutil.copytree(ROOT, self.work, ignore=_not_copied)
        (self.work / ".venv").symlink_to(sys.prefix)
        self.state = self.folder / "state"
        self.state.mkdir()
        (self.folder / "passphrase").write_text(secrets.token_urlsafe(32))
        self.environment = {
            "PULUMI_BACKEND_URL": backend(self.state),
            "PULUMI_CONFIG_PASSPHRASE_FILE": str(self.folder / "passphrase"),
            "PULUMI_SKIP_UPDATE_CHECK": "true",
        }
        options = auto.LocalWorkspaceOptions(work_dir=str(self.work), env_vars=self.environment)
        self.stack = auto.create_stack(self.name, work_dir=str(self.work), opts=options)
        # Gibibytes for a demo are not needed, and test machines are small.
        self.configure(
            **{"disposable": "true", "balancer.port": str(self.port), "tomcat.memoryMib": "700"} | self.settings
        )

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
        self.settings |= settings
        self.stack.set_all_config({key: auto.ConfigValue(value) for key, value in settings.items()}, path=True)

    def forget(self, *keys: str) -> None:
        """Leave settings to their defaults again."""
        for key in keys:
            self.settings.pop(key, None)
            self.stack.remove_config(key, path=True)

    def up(self) -> dict[str, int]:
        """Converge; how many resources were created, replaced, updated, deleted, left as they were."""
        result = self.stack.up(color="never", suppress_outputs=True)
        self.transcript += result.stdout + result.stderr
        return {str(kind): count for kind, count in (result.summary.resource_changes or {}).items()}

    def command(self, *arguments: str) -> list[str]:
        """Words of Pulumi's command line for this stack, as an operator types them."""
        return ["pulumi", *arguments, "--stack", self.name, "--non-interactive", "--color", "never"]

    def pulumi(self, *arguments: str, record: bool = True, **extra: str) -> subprocess.CompletedProcess[str]:
        """Run Pulumi's command line; both streams come in `stdout`. `record` is off where secrets are asked for."""
        done = subprocess.run(
            self.command(*arguments),
            cwd=self.work, env={**os.environ, **self.environment, **extra}, timeout=COMMAND_SECONDS,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False,
        )  # fmt: skip
        self.transcript += done.stdout if record else ""
        return done

    def preview_is_empty(self) -> bool:
        """Whether a preview, refresh included, finds nothing to change; fails with what it found."""
        done = self.pulumi("preview", "--expect-no-changes", "--diff")
        assert done.returncode == 0, done.stdout
        return True

    def container(self, node: str) -> str:
        """Name of a node's container."""
        return f"{self.label}-{node}-container"

    def execute(self, node: str, *command: str) -> str:
        """Run a command inside a node's container."""
        return docker("exec", self.container(node), *command)

    def succeeds(self, node: str, *command: str) -> bool:
        """Whether a command inside a node's container ends well."""
        return said(self.container(node), *command)[0] == 0

    def succeeding(self, nodes: Sequence[str], *command: str) -> list[str]:
        """Those of some nodes in whose containers a command ends well, all asked at once."""
        with ThreadPoolExecutor() as pool:
            ends_well = list(pool.map(lambda node: self.succeeds(node, *command), nodes))
        return list(compress(nodes, ends_well))

    def sql(self, node: str, statement: str, database: str = "postgres") -> str:
        """Rows as psql prints them: one line each, columns parted by `|`."""
        return self.execute(node, *PSQL, "-At", "-v", "ON_ERROR_STOP=1", "-d", database, "-c", statement)

    def switch_over(self, candidate: str) -> None:
        """Have another PostgreSQL node lead and all others follow it, without asking Pulumi."""
        self.execute(self.leader(), "lead", candidate)

    def nodes(self) -> dict[str, str]:
        """Ids of the stack's containers by name, running or not."""
        mine = ("--filter", f"label={LABEL}={self.label}", "--filter", "label=cyclos.tier")
        return dict(
            line.split()
            for line in docker("ps", "--all", "--no-trunc", *mine, "--format", "{{.Names}} {{.ID}}").splitlines()
        )

    def starts(self) -> dict[str, str]:
        """What tells a container that was left alone from one that was made or started anew, by name."""
        names = sorted(self.nodes())
        lines = docker("inspect", "--format", "{{.Name}} {{.Id}}@{{.State.StartedAt}}", *names).splitlines()
        return dict(line.removeprefix("/").split() for line in lines)

    def tier(self, tier: str) -> list[str]:
        """Ids of the nodes of a tier."""
        start, end = f"{self.label}-", "-container"
        found = (name.removeprefix(start).removesuffix(end) for name in self.nodes())
        return sorted(node for node in found if node.startswith(f"{tier}-"))

    def leader(self) -> str:
        """The PostgreSQL node that leads now."""
        found = self.succeeding(self.tier("postgres"), "leads")
        assert len(found) == 1, f"these lead: {found}"
        return found[0]

    def standby(self) -> str:
        """The first PostgreSQL node that does not lead."""
        leader = self.leader()
        return next(node for node in self.tier("postgres") if node != leader)

    def holders(self, address: str) -> list[str]:
        """Balancers that have an address on their interface."""
        knows = ("grep", "--quiet", "--word-regexp", "--fixed-strings", address, "/proc/net/fib_trie")
        return self.succeeding(self.tier("balancer"), *knows)

    def synchronous_standby(self) -> str:
        """A standby that may be the one that the leader's commits wait for."""
        confirms = "SELECT application_name FROM pg_stat_replication WHERE sync_state IN ('sync', 'quorum') LIMIT 1"
        return self.sql(self.leader(), confirms)

    @contextmanager
    def edited(self, path: str, old: str, new: str) -> Iterator[None]:
        """A file of the copied checkout says something else for a while."""
        file = self.work / path
        text = file.read_text()
        assert old in text
        file.write_text(text.replace(old, new))
        try:
            yield
        finally:
            file.write_text(text)

    def add_to_image(self, image: str, line: str) -> None:
        """Change the recipe of an image in the copied checkout, as another release does."""
        _append(self.work / "images" / image / "Dockerfile", line)

    def add_to_configuration(self, template: str, line: str) -> None:
        """Change a template in the copied checkout, as another release does."""
        _append(self.work / "config_templates" / template, line)

    def is_drained(self, balancer: str, node: str) -> bool:
        """Whether a balancer sends a Tomcat no request."""
        return self.succeeds(balancer, "test", "-f", f"/dev/shm/drained-{node}")  # noqa: S108 - of the container

    def lose(self, *nodes: str) -> None:
        """Take nodes away with their data, as a disk that dies does."""
        for node in nodes:
            docker("rm", "--force", self.container(node))
            docker("volume", "rm", f"{self.label}-{node}-data")

    def revive(self) -> None:
        """Start what a test stopped or killed and wait until the whole cluster works again."""
        for name in self.nodes():
            if not inspect(name)["State"]["Running"]:
                docker("start", name)
        eventually(self.works, "the cluster works again", 180)

    def works(self) -> bool:
        """Whether every Tomcat answers by itself and through every balancer, and the leader has its standbys."""
        pairs = [word for node in self.tier("tomcat") for word in (node, self.address(node))]
        leader, balancers = self.leader(), self.tier("balancer")
        standbys = [node for node in self.tier("postgres") if node != leader]
        with ThreadPoolExecutor() as pool:
            ready = list(pool.map(lambda name: said(name, "ready")[0] == 0, self.nodes()))
        return (
            all(ready)
            and self.succeeds(leader, "synchronous", *standbys)
            and self.succeeding(balancers, "reaches", *pairs) == balancers
            and requests.get(f"{self.url}/api", timeout=10).status_code == requests.codes.ok
        )

    def address(self, node: str) -> str:
        """Where the engine put a node on the stack's network."""
        return str(inspect(self.container(node))["NetworkSettings"]["Networks"][f"{self.label}-network"]["IPAddress"])

    def leftovers(self) -> list[str]:
        """Everything on the engine that bears the stack's label."""
        return labelled(self.label)

    def destroy(self) -> None:
        """Destroy the stack, if it is there; what even that leaves is removed by its label."""
        if not self.leftovers():
            return
        try:
            self.pulumi("cancel", "--yes")
            self.stack.destroy(color="never")
        finally:
            remove_labelled(self.label)
