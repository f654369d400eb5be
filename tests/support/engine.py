"""A `docker` executable that answers from files: the program really runs it, no engine is asked."""

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


@dataclass
class FakeDocker:
    """What the engine is said to hold: rows of tab-separated columns, as preflight asks for them."""

    folder: Path
    version: str = "1.41"
    containers: list[tuple[str, str, str, str]] = field(default_factory=list)  # name, owner, state, ports
    volumes: list[tuple[str, str]] = field(default_factory=list)  # name, owner
    networks: list[tuple[str, str, str]] = field(default_factory=list)  # name, owner, subnet of one of ours
    subnets: list[tuple[str, str]] = field(default_factory=list)  # network, ranges with a space after each
    error: str = ""  # of every answer
    refuses: bool = False  # whatever is executed in a container

    def install(self) -> str:
        """Write program and answers; return the PATH that finds it first."""
        answers = self.folder / "answers"
        answers.mkdir(exist_ok=True)
        program = self.folder / "docker"
        program.write_text(SCRIPT)
        program.chmod(0o755)
        rows: dict[str, Sequence[tuple[str, ...]]] = {
            "ps": [(*row, "") for row in self.containers],  # none is an etcd member
            "volume": self.volumes,
            "network": self.networks,
            "network-inspect": self.subnets,
        }
        for name, listed in rows.items():
            (answers / name).write_text("".join("\t".join(row) + "\n" for row in listed))
        (answers / "version").write_text(f"{self.version}\n")
        if self.refuses:
            (answers / "exec.error").write_text("no")
        if self.error:
            for name in ("version", *rows):
                (answers / f"{name}.error").write_text(self.error)
        return f"{self.folder}{os.pathsep}{os.environ['PATH']}"

    @property
    def asked(self) -> list[str]:
        """Arguments of every call so far."""
        log = self.folder / "answers" / "asked"
        return log.read_text().splitlines() if log.exists() else []
