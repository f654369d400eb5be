"""The state of the stack dev: a folder in the checkout that git ignores, and the passphrase that protects it."""

import os
import secrets
import tempfile
from pathlib import Path

from toolchain.commands import run
from toolchain.failure import SetupError
from toolchain.places import Places
from toolchain.pulumi_tools import command_line

PROJECT = "cyclos"
STACK = "dev"


def ensure_stack(places: Places) -> None:
    """Make passphrase and stack where they are missing. A backend that the user has chosen is left alone."""
    places.state.mkdir(mode=0o700, exist_ok=True)
    file = places.state / ".pulumi" / "stacks" / PROJECT / f"{STACK}.json"
    _ensure_passphrase(places, needed=file.exists())
    ours = backend(places.state)
    chosen = os.environ.get("PULUMI_BACKEND_URL") or ours
    if file.exists() or chosen != ours or not (places.root / "Pulumi.yaml").exists():
        return
    pulumi, environment = command_line(places)
    environment |= {"PULUMI_BACKEND_URL": ours}
    if not {"PULUMI_CONFIG_PASSPHRASE", "PULUMI_CONFIG_PASSPHRASE_FILE"} & os.environ.keys():
        environment |= {"PULUMI_CONFIG_PASSPHRASE_FILE": str(places.passphrase)}
    command = [str(pulumi), "stack", "init", STACK, "--non-interactive"]
    run(command, log=places.log, cwd=places.root, environment=environment)


def backend(folder: Path) -> str:
    """URL of a state folder; the same as in `activate`, which says why."""
    return f"file://{folder}?metadata=skip"


def _ensure_passphrase(places: Places, *, needed: bool) -> None:
    if places.passphrase.exists() and places.passphrase.stat().st_size:
        return
    if needed:
        raise SetupError(f"{places.passphrase} is lost, without it the stack's secrets cannot be read. Put it back.")
    # Written aside: an interrupted run must not leave an empty passphrase, which Pulumi would take for a good one.
    descriptor, aside = tempfile.mkstemp(dir=places.state)
    with os.fdopen(descriptor, "w") as file:
        file.write(secrets.token_urlsafe(32))
    Path(aside).replace(places.passphrase)
