"""The Docker engine."""

import os
import subprocess
import time
from pathlib import Path

from toolchain.commands import answers, on_path, run
from toolchain.debian import install, is_debian, is_root, offers
from toolchain.failure import SetupError
from toolchain.places import Places
from toolchain.progress import step

SYSTEMD = Path("/run/systemd/system")
START_SECONDS = 60.0
POLL_SECONDS = 0.5
BY_HAND = "Install and start a Docker engine 20.10 or later (Debian: apt-get install docker.io)"


def ensure_engine(places: Places) -> None:
    """Leave an engine that answers as it is; else install Debian's and start it."""
    given = next((name for name in ("DOCKER_HOST", "DOCKER_CONTEXT") if os.environ.get(name)), None)
    if given is None:
        # Like the program, setup does not heed a context that was chosen with `docker context use`.
        os.environ["DOCKER_CONTEXT"] = "default"
    if _answers():
        return
    if given is not None:
        chosen = f"{given}={os.environ[given]}"
        raise SetupError(f"The Docker engine of {chosen} does not answer. Start it or unset {given}.")
    if not on_path("dockerd") or not on_path("docker"):
        install(places, _packages(), purpose="A Docker engine", by_hand=BY_HAND)
    elif not is_root():
        raise SetupError("The Docker engine is installed but does not answer, and only root can start it. Start it.")
    if not _answers():
        _start(places)


def _answers() -> bool:
    return answers("docker", "version")


def _packages() -> list[str]:
    """Since trixie the client is a package of its own."""
    return ["docker.io", *(["docker-cli"] if is_debian() and is_root() and offers("docker-cli") else [])]


def _start(places: Places) -> None:
    log = places.cache / "dockerd.log"
    with step("A Docker engine: starting"):
        if SYSTEMD.is_dir():
            log = places.log
            run(["systemctl", "enable", "--now", "docker"], log=log)
        else:
            log.parent.mkdir(parents=True, exist_ok=True)
            with log.open("ab") as file:
                # A session of its own: it goes on when this terminal is closed.
                subprocess.Popen(
                    ["dockerd"], stdin=subprocess.DEVNULL, stdout=file, stderr=file, cwd="/", start_new_session=True
                )
        end = time.monotonic() + START_SECONDS
        while not _answers():
            if time.monotonic() > end:
                raise SetupError(f"The Docker engine was started but does not answer; its log is {log}.")
            time.sleep(POLL_SECONDS)
