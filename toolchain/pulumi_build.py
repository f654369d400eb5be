"""Pulumi's tools built from Go modules (toolchain/pulumi/), for a network that lets only package registries through."""

import os
import shutil
from dataclasses import dataclass
from pathlib import Path

from toolchain.commands import output, run
from toolchain.failure import SetupError
from toolchain.go import find_go
from toolchain.places import Places
from toolchain.progress import step
from toolchain.pulumi_versions import PulumiVersions

SDK = "github.com/pulumi/pulumi/sdk/v3"
CLI_VERSION = f"{SDK}/go/common/version.Version"


@dataclass(frozen=True)
class _Program:
    """One `go build`."""

    title: str
    folder: str  # below toolchain/pulumi
    target: str  # relative to the tools
    version: str  # what -X sets
    package: str = "."
    tags: str = ""


def build(places: Places, versions: PulumiVersions, into: Path) -> None:
    """Fill a folder with the CLI, the Python language host and the plugins."""
    go = find_go(places)
    programs = _programs(versions)
    for number, program in enumerate(programs, 1):
        with step(f"Pulumi from Go modules: {number} of {len(programs)}, {program.title}"):
            _go_build(places, go, program, into / program.target)
    _copy_language_executor(places, go, into / "bin")


def _programs(versions: PulumiVersions) -> list[_Program]:
    language = f"{SDK}/python/cmd/pulumi-language-python"
    cli = "github.com/pulumi/pulumi/pkg/v3/cmd/pulumi"
    return [
        _Program("CLI", "cli", "bin/pulumi", f"{CLI_VERSION}=v{versions.cli}", package=cli),
        _Program("Python language host", "language", "bin/pulumi-language-python", "", package=language),
        *(
            _Program(
                f"{name} plugin",
                name,
                f"home/plugins/resource-{name}-v{version}/pulumi-resource-{name}",
                f"main.version={version}",
                tags="no_compose" if name == "docker" else "",
            )
            for name, version in versions.plugins.items()
        ),
    ]


def _go_build(places: Places, go: Path, program: _Program, target: Path) -> None:
    linker = "-s -w" + (f" -X {program.version}" if program.version else "")
    options = ["-trimpath", "-tags", program.tags, "-ldflags", linker, "-o", str(target)]
    command = [str(go), "build", *options, program.package]
    run(command, log=places.log, cwd=places.sources / program.folder, environment=_environment())


def _copy_language_executor(places: Places, go: Path, into: Path) -> None:
    """The host starts this script of its own module and looks for it beside itself."""
    folder = places.sources / "language"
    module = output(str(go), "-C", str(folder), "list", "-m", "-f", "{{.Dir}}", SDK, environment=_environment())
    if not module:
        raise SetupError(f"Go does not know where the module {SDK} lies; run `go list -m {SDK}` in {folder}.")
    name = "pulumi-language-python-exec"
    shutil.copyfile(Path(module) / "python" / "cmd" / name, into / name)
    (into / name).chmod(0o755)


def _environment() -> dict[str, str]:
    """Debian switches off that Go fetches a newer Go; a user's own word in the environment stands."""
    return {**os.environ, "GOWORK": "off", "GOTOOLCHAIN": os.environ.get("GOTOOLCHAIN", "auto")}
