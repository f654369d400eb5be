"""`docker` and `pulumi` executables that answer from files: the program really runs them, no engine is asked."""

import json
import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

SCRIPT = """\
#!/bin/sh
# docker --host HOST QUESTION [...]
cd "$(dirname "$0")/answers"
echo "$*" >>asked
[ ! -e "$3.error" ] || { cat "$3.error" >&2; exit 1; }
if [ -e "$3-$4" ]; then cat "$3-$4"; elif [ -e "$3" ]; then cat "$3"; fi
"""
# pulumi --non-interactive stack export --stack STACK
PULUMI = """\
#!/bin/sh
cd "$(dirname "$0")/answers"
echo "pulumi $*" >>asked
[ ! -e state.error ] || { cat state.error >&2; exit 1; }
cat state
"""


@dataclass
class FakeDocker:
    """What the engine holds, rows of tab-separated columns, as preflight asks for them; and Pulumi's state."""

    folder: Path
    version: str = "1.41"
    containers: list[tuple[str, ...]] = field(default_factory=list)  # name, owner, state, ports, members of etcd
    volumes: list[tuple[str, str]] = field(default_factory=list)  # name, owner
    networks: list[tuple[str, str, str]] = field(default_factory=list)  # name, owner, subnet of one of ours
    subnets: list[tuple[str, str]] = field(default_factory=list)  # network, ranges with a space after each
    error: str = ""  # of every answer
    resources: list[dict[str, object]] = field(default_factory=list)  # of Pulumi's state
    state_error: str = ""  # instead of that state
    refuses: bool = False  # whatever is executed in a container

    def install(self) -> str:
        """Write programs and answers; return the PATH that finds them first."""
        answers = self.folder / "answers"
        answers.mkdir(exist_ok=True)
        for name, script in {"docker": SCRIPT, "pulumi": PULUMI}.items():
            program = self.folder / name
            program.write_text(script)
            program.chmod(0o755)
        # As the file backend says it of a stack that was never brought up.
        deployment = {"resources": self.resources} if self.resources else {}
        (answers / "state").write_text(json.dumps({"deployment": deployment}))
        rows: dict[str, Sequence[tuple[str, ...]]] = {
            "ps": [(*row, "")[:5] for row in self.containers],  # few are etcd members
            "volume": self.volumes,
            "network": self.networks,
            "network-inspect": self.subnets,
        }
        for name, listed in rows.items():
            (answers / name).write_text("".join("\t".join(row) + "\n" for row in listed))
        (answers / "version").write_text(f"{self.version}\n")
        if self.refuses:
            (answers / "exec.error").write_text("no")
        if self.state_error:
            (answers / "state.error").write_text(self.state_error)
        if self.error:
            for name in ("version", *rows):
                (answers / f"{name}.error").write_text(self.error)
        return f"{self.folder}{os.pathsep}{os.environ['PATH']}"

    @property
    def asked(self) -> list[str]:
        """Arguments of every call so far."""
        log = self.folder / "answers" / "asked"
        return log.read_text().splitlines() if log.exists() else []
