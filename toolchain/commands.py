"""Runs other programs: quietly, with their output in the log that an error names."""

import os
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

from toolchain.failure import SetupError

LAST_LINES = 5


def answers(*command: str, seconds: float = 20) -> bool:
    """Whether the program is there and succeeds."""
    return output(*command, seconds=seconds) is not None


def output(*command: str, seconds: float = 20, environment: Mapping[str, str] | None = None) -> str | None:
    """What the program prints; None where it is missing, fails or hangs."""
    try:
        done = subprocess.run(
            command,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=seconds,
            check=False,
            env=dict(environment) if environment is not None else None,
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    return done.stdout.strip() if done.returncode == 0 else None


def run(
    command: Sequence[str | Path],
    *,
    log: Path,
    cwd: Path | None = None,
    environment: Mapping[str, str] | None = None,
    seconds: float | None = None,
) -> None:
    """Run to the end; SetupError with the last lines of its output where that fails. `environment` is added to ours."""
    log.parent.mkdir(parents=True, exist_ok=True)
    words = [str(word) for word in command]
    with log.open("ab") as file:
        file.write(f"\n$ {' '.join(words)}\n".encode())
        file.flush()
        start = file.tell()
        try:
            subprocess.run(
                words,
                cwd=cwd,
                env={**os.environ, **(environment or {})},
                stdin=subprocess.DEVNULL,
                stdout=file,
                stderr=subprocess.STDOUT,
                timeout=seconds,
                check=True,
            )
        except (OSError, subprocess.SubprocessError) as error:
            raise SetupError(_explain(words, error, log, start)) from error


def _explain(words: list[str], error: Exception, log: Path, start: int) -> str:
    match error:
        case subprocess.CalledProcessError():
            reason = f"ended with {error.returncode}"
        case subprocess.TimeoutExpired():
            reason = f"took longer than {error.timeout:.0f} s"
        case _:
            reason = f"cannot be run: {error}"
    with log.open("rb") as file:
        file.seek(start)
        lines = file.read().decode(errors="replace").strip().splitlines()[-LAST_LINES:]
    shown = "".join(f"\n    {line[:300]}" for line in lines)
    return f"`{' '.join(words[:4])}` {reason} (all of it in {log}):{shown}"


def on_path(program: str, *, outside: Path | None = None) -> Path | None:
    """Find a program on PATH, passing over those below a folder."""
    folders = os.environ.get("PATH", os.defpath).split(os.pathsep)
    if outside is not None:
        folders = [folder for folder in folders if not Path(folder).resolve().is_relative_to(outside.resolve())]
    found = shutil.which(program, path=os.pathsep.join(folders))
    return Path(found) if found else None
