"""The contract of command:local:Command that the program relies on, by real `pulumi up`s of a tiny program.

It holds for the plugin built here and for the vendor's alike.
"""

import json
import os
import signal
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.real

PROGRAM = """\
import json
from pathlib import Path

import pulumi
from pulumi_command.local import Command

given = json.loads(Path("given.json").read_text())
if given:
    if "stdin" in given:
        given["stdin"] = pulumi.Output.secret(given["stdin"])
    command = Command("it", **given)
    pulumi.export("stdout", command.stdout)
    pulumi.export("files", command.assets.apply(lambda found: sorted(found or {})))
    Command("after", create="cat", stdin=command.stdout, logging="none")
"""
MARK = "not-to-be-seen"


@dataclass
class Project:
    """A Pulumi project with one command."""

    folder: Path

    @property
    def journal(self) -> list[str]:
        """What the commands wrote into the file `journal`, a line each."""
        file = self.folder / "journal"
        return file.read_text().splitlines() if file.exists() else []

    def pulumi(self, *words: str, fails: bool = False) -> str:
        """Run the CLI; what it shows."""
        done = subprocess.run(
            ["pulumi", "--non-interactive", *words],
            cwd=self.folder,
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
            timeout=120,
        )
        assert (done.returncode != 0) == fails, done.stdout
        return done.stdout

    @property
    def environment(self) -> dict[str, str]:
        """A backend of its own."""
        own = {"PULUMI_BACKEND_URL": f"file://{self.folder}", "PULUMI_CONFIG_PASSPHRASE": "test"}
        kept = {name: value for name, value in os.environ.items() if name != "PULUMI_CONFIG_PASSPHRASE_FILE"}
        return {**kept, **own, "PULUMI_STACK": "test"}

    def given(self, **inputs: Any) -> None:
        """Set the inputs of the command; none removes it."""
        (self.folder / "given.json").write_text(json.dumps(inputs))

    def up(self, **inputs: Any) -> str:
        """Deploy with these inputs."""
        self.given(**inputs)
        return self.pulumi("up", "--yes", "--skip-preview")

    def up_fails(self, **inputs: Any) -> str:
        """Deploy with these inputs, to see it fail."""
        self.given(**inputs)
        return self.pulumi("up", "--yes", "--skip-preview", fails=True)

    def preview(self, **inputs: Any) -> str:
        """Show what would change with these inputs."""
        self.given(**inputs)
        return self.pulumi("preview", "--diff")

    @property
    def stdout(self) -> str:
        """Output of the last run."""
        return self.pulumi("stack", "output", "stdout").strip()

    @property
    def state(self) -> str:
        """The state file, as it is on the disk."""
        return (self.folder / ".pulumi" / "stacks" / "tiny" / "test.json").read_text()


@pytest.fixture
def project(tmp_path: Path) -> Project:
    """An empty stack."""
    (tmp_path / "Pulumi.yaml").write_text("name: tiny\nruntime: python\n")
    (tmp_path / "__main__.py").write_text(PROGRAM)
    made = Project(tmp_path)
    made.pulumi("stack", "init", "test")
    return made


def noting(text: str) -> str:
    """Shell text that leaves a line in the journal and prints the same."""
    return f"echo {text} | tee -a journal"


def test_create_then_update_then_delete(project: Project) -> None:
    """Each runs once, at its time; what did not change does not run."""
    life = {"create": noting("create"), "update": noting("update"), "delete": noting("delete")}
    project.up(**life)
    project.up(**life)
    assert project.journal == ["create"]
    project.up(**life, environment={"CHANGED": "1"})
    assert project.journal == ["create", "update"]
    assert project.stdout == "update"
    project.up()
    assert project.journal == ["create", "update", "delete"]


def test_without_an_update_text_create_runs_again(project: Project) -> None:
    """Any changed input counts; the former output is in the environment unless that is switched off."""
    former = 'echo "former:$PULUMI_COMMAND_STDOUT" >>journal; echo output'
    project.up(create=former)
    project.up(create=former, environment={"CHANGED": "1"})
    project.up(create=former, environment={"CHANGED": "2"}, add_previous_output_in_env=False)
    assert project.journal == ["former:", "former:output", "former:"]


def test_a_changed_trigger_replaces(project: Project) -> None:
    """The new one is created before the old one is deleted, although there is an update text."""
    life = {"create": noting("create"), "update": noting("update"), "delete": noting("delete")}
    project.up(**life, triggers=["a", 1])
    project.up(**life, triggers=["b", 1])
    assert project.journal == ["create", "create", "delete"]


def test_a_failed_create_keeps_nothing_and_shows_text_and_output(project: Project) -> None:
    """The next run creates from scratch."""
    shown = project.up_fails(create="echo about to fail; echo the reason >&2; exit 3", delete=noting("delete"))
    assert "exit status 3: running" in shown
    assert "about to fail" in shown
    assert "the reason" in shown
    assert "command:local:Command" not in project.state
    project.up(create=noting("create"), delete=noting("delete"))
    assert project.journal == ["create"]


def test_a_failed_update_is_tried_again(project: Project) -> None:
    """The former inputs stay in the state."""
    project.up(create=noting("create"))
    changed = {"create": noting("create"), "update": "test -e cured && echo cured >>journal", "dir": "."}
    project.up_fails(**changed)
    (project.folder / "cured").touch()
    project.up(**changed)
    assert project.journal == ["create", "cured"]


def test_a_secret_on_stdin_is_read_and_never_shown(project: Project) -> None:
    """Neither in the state nor on the screen, even when the command fails."""
    shown = project.up(create="wc -c", stdin=MARK)
    assert project.stdout == str(len(MARK))
    shown += project.up_fails(create="cat >/dev/null; exit 1", stdin=MARK)
    assert MARK not in project.state
    assert MARK not in shown


def test_preview_runs_nothing_and_knows_what_is_unknown(project: Project) -> None:
    """Neither at first nor before a change; a dependant of the output waits for it."""
    shown = project.preview(create=noting("create"))
    project.up(create=noting("create"))
    shown += project.preview(create=noting("create"), triggers=["b"])
    assert project.journal == ["create"]
    assert "replace" in shown


def test_interpreter_directory_and_files(project: Project) -> None:
    """What ran where, and which files are handed back."""
    (project.folder / "below").mkdir()
    project.up(
        create="import os; print(os.getcwd()); open('a.txt', 'w').close(); open('secret.txt', 'w').close()",
        interpreter=["python3", "-c"],
        dir="below",
        asset_paths=["*.txt", "!secret.*"],
        archive_paths=["**"],
    )
    assert project.stdout == str(project.folder / "below")
    assert json.loads(project.pulumi("stack", "output", "files")) == ["a.txt"]


@pytest.mark.parametrize(("logging", "seen"), [("none", []), ("stderr", ["warning"]), (None, ["news", "warning"])])
def test_logging_says_which_streams_are_shown(project: Project, logging: str | None, seen: list[str]) -> None:
    """A line far above 64 KiB does not stop the command either."""
    (project.folder / "say").write_text("echo ne''ws; echo warn''ing >&2; head -c 200000 /dev/zero | tr '\\0' x >&2\n")
    inputs = {"create": "sh ./say", "asset_paths": ["say"]} | ({"logging": logging} if logging else {})
    shown = project.up(**inputs)
    assert [word for word in ("news", "warning") if f" {word}\n" in shown] == seen


def test_a_cancelled_command_leaves_no_process_behind(project: Project) -> None:
    """The whole process group is killed, not the shell alone: its children would hold the pipes open."""
    mark = "98765.4321"
    project.given(create=f"sleep {mark} & echo started >>journal; sleep {mark}")
    with subprocess.Popen(
        ["pulumi", "--non-interactive", "up", "--yes", "--skip-preview"],
        cwd=project.folder,
        env=project.environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    ) as running:
        wait_until(lambda: bool(project.journal))
        running.send_signal(signal.SIGINT)
        time.sleep(1)
        running.send_signal(signal.SIGINT)
        assert running.wait(30) != 0
    wait_until(lambda: not sleeping(mark))


def wait_until(true: Any) -> None:
    """Poll for half a minute."""
    end = time.monotonic() + 30
    while not true():
        assert time.monotonic() < end, "it did not happen within 30 s"
        time.sleep(0.1)


def sleeping(mark: str) -> bool:
    """Whether a process has the mark as an argument of its own."""
    for file in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            if mark.encode() in file.read_bytes().split(b"\0"):
                return True
        except OSError:
            continue
    return False
