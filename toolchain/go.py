"""Finds the Go that builds Pulumi's tools."""

import re
from pathlib import Path

from toolchain.commands import on_path, output, run
from toolchain.debian import install
from toolchain.failure import SetupError
from toolchain.places import Places
from toolchain.progress import step
from toolchain.pulumi_versions import version_numbers

# The oldest Go that fetches by itself the newer one that go.mod names.
OLDEST = "1.21"
# What an older one, such as Debian 12's, fetches instead; it need not be the one that go.mod names.
NEWER = "1.26.8"
BY_HAND = "Install Go 1.26 or later, or Pulumi itself"


def find_go(places: Places) -> Path:
    """A Go that can build whatever go.mod names; SetupError where there is none and none can be had."""
    if not on_path("go"):
        install(places, ["golang-go", "ca-certificates"], purpose="Go", by_hand=BY_HAND)
    go = on_path("go")
    version = output(str(go), "env", "GOVERSION") if go else None
    found = re.match(r"go(\d+\.\d+)", version or "")
    if not go or not found:
        raise SetupError(f"Go {OLDEST} or later is needed, found is none. {BY_HAND}, then run this again.")
    return go if version_numbers(found[1]) >= version_numbers(OLDEST) else _newer(places, go, found[0])


def _newer(places: Places, old: Path, version: str) -> Path:
    """Every Go is also a module, which any Go can fetch."""
    platform = "-".join((output(str(old), "env", "GOOS", "GOARCH") or "").split())
    module = f"golang.org/toolchain@v0.0.1-go{NEWER}.{platform}"
    with step(f"Go: {version} is too old, fetching {NEWER}"):
        try:
            run([old, "mod", "download", module], log=places.log)
        except SetupError as error:
            raise SetupError(f"{version} is too old and cannot fetch a newer one. {BY_HAND}. {error}") from error
    folder = Path(output(str(old), "env", "GOMODCACHE") or "") / module
    # The files of a module are not there to be run.
    for program in (*(folder / "bin").iterdir(), *(folder / "pkg" / "tool").glob("*/*")):
        program.chmod(0o555)
    return folder / "bin" / "go"
