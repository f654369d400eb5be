"""Pulumi's CLI, its Python language host and the plugins of the providers: the user's, the vendor's, or built here."""

import fcntl
import os
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path

from toolchain.commands import on_path, output, run
from toolchain.places import Places
from toolchain.progress import say, step
from toolchain.pulumi_build import build
from toolchain.pulumi_release import Unreachable, download
from toolchain.pulumi_versions import PulumiVersions, fingerprint, pulumi_versions, version_numbers

QUIET = {"PULUMI_SKIP_UPDATE_CHECK": "true"}


def ensure_pulumi(places: Places) -> None:
    """Choose the tools and note for `activate` which they are."""
    versions = pulumi_versions(places)
    places.state.mkdir(mode=0o700, exist_ok=True)
    if users := _users_own(places, versions):
        _install_missing_plugins(places, versions, users)
        places.tools_in_use.unlink(missing_ok=True)
        return
    tools = places.cache / f"pulumi-{fingerprint(places)}"
    if not tools.is_dir():
        _make(places, versions, tools)
    _log_nothing(tools / "home")
    places.tools_in_use.write_text(f"{tools}\n")


def _log_nothing(home: Path) -> None:
    """The CLI writes a debug log of every command, a tenth of a preview's time; where it cannot, it goes without."""
    logs = home / "logs"
    if logs.is_dir():
        shutil.rmtree(logs)
    logs.touch()


def command_line(places: Places) -> tuple[Path, dict[str, str]]:
    """The CLI chosen by ensure_pulumi and the environment that it needs."""
    if places.tools_in_use.exists():
        tools = Path(places.tools_in_use.read_text().strip())
        search = f"{tools / 'bin'}{os.pathsep}{os.environ.get('PATH', os.defpath)}"
        return tools / "bin" / "pulumi", {**QUIET, "PATH": search, "PULUMI_HOME": str(tools / "home")}
    return on_path("pulumi", outside=places.cache) or Path("pulumi"), QUIET


def _users_own(places: Places, versions: PulumiVersions) -> Path | None:
    found = on_path("pulumi", outside=places.cache)
    if not found:
        return None
    version = output(str(found), "version", environment={**os.environ, **QUIET})
    try:
        if version and version_numbers(version) >= version_numbers(versions.minimum):
            return found
    except ValueError:
        version = None
    say(
        f"{found} is Pulumi {version or 'of an unknown version'}; {versions.minimum} or later is needed: it is not used"
    )
    return None


def _install_missing_plugins(places: Places, versions: PulumiVersions, pulumi: Path) -> None:
    home = Path(os.environ.get("PULUMI_HOME") or Path.home() / ".pulumi")
    for name, version in versions.plugins.items():
        if not (home / "plugins" / f"resource-{name}-v{version}").is_dir():
            with step(f"Pulumi's {name} plugin {version}: installing"):
                run([pulumi, "plugin", "install", "resource", name, version], log=places.log, environment=QUIET)


def _make(places: Places, versions: PulumiVersions, tools: Path) -> None:
    """Fill a folder aside and rename it: an interrupted run leaves nothing that looks complete."""
    places.cache.mkdir(parents=True, exist_ok=True)
    with (places.cache / "pulumi.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if tools.is_dir():
            return  # another run made it while this one waited
        for abandoned in places.cache.glob("partial-*"):
            shutil.rmtree(abandoned)
        if not _filled(places, versions, tools, download):
            say("Pulumi's tools are built from Go modules instead; the first time this takes about ten minutes")
            _filled(places, versions, tools, build)


def _filled(
    places: Places, versions: PulumiVersions, tools: Path, fill: Callable[[Places, PulumiVersions, Path], None]
) -> bool:
    with tempfile.TemporaryDirectory(dir=places.cache, prefix="partial-", ignore_cleanup_errors=True) as folder:
        partial = Path(folder) / "tools"
        (partial / "bin").mkdir(parents=True)
        (partial / "home" / "plugins").mkdir(parents=True)
        try:
            fill(places, versions, partial)
        except Unreachable as error:
            say(str(error))
            return False
        (partial / "source").write_text(f"{fill.__name__}\n")
        partial.rename(tools)
    return True
