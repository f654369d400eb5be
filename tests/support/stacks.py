"""Stacks for tests: from the files in examples/, with a tiny package and an engine that holds nothing."""

import json
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from core.derive import topology
from core.engine import Engine
from core.load import Stack
from core.naming import Names
from core.package import package_of
from core.parse import parse
from cyclos_package import Flavour
from deployment import deploy
from tests.support.recorder import Recording, record

ROOT = Path(__file__).parent.parent.parent
EXAMPLES = sorted(path.name.split(".")[1] for path in (ROOT / "examples").glob("Pulumi.*.yaml"))
MOMENT = "2026-01-02T03:04:05+00:00"
NAMES = Names("cyclos", "test")

# What a release ships, cut down to the lines that matter here.
RELEASE_PROPERTIES = {
    Flavour.HIKARICP: """\
# Cyclos release settings: è
cyclos.version = 4.16.17
cyclos.clusterHandler = none
cyclos.datasource.dataSource.serverName = localhost
cyclos.datasource.dataSource.databaseName = cyclos4
cyclos.datasource.dataSource.user = cyclos
cyclos.datasource.dataSource.password = password
cyclos.header.remoteAddress =
""",
    Flavour.C3P0: """\
cyclos.clusterHandler = none
cyclos.datasource.jdbcUrl = jdbc:postgresql://localhost/cyclos4
cyclos.datasource.user = cyclos
cyclos.datasource.password = password
""",
}
WEB_XML = '<web-app xmlns="http://xmlns.jcp.org/xml/ns/javaee" version="4.0"></web-app>'


@dataclass(frozen=True)
class Deployed:
    """A stack and what its program registered."""

    stack: Stack
    recording: Recording
    outputs: dict[str, Any]


def stored(name: str) -> dict[str, str]:
    """Configuration of an example, as Pulumi hands it to the program: scalars as text, groups as JSON."""
    config = yaml.safe_load((ROOT / "examples" / f"Pulumi.{name}.yaml").read_text())["config"]
    return {key: value if isinstance(value, str) else json.dumps(value) for key, value in config.items()}


def small_release(folder: Path, flavour: Flavour = Flavour.HIKARICP) -> Path:
    """A zip of a release's shape, always the same bytes."""
    path = folder / "cyclos-4.16.17.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for name, text in {
            "WEB-INF/classes/cyclos-release.properties": RELEASE_PROPERTIES[flavour],
            "WEB-INF/web.xml": WEB_XML,
        }.items():
            archive.writestr(zipfile.ZipInfo(f"cyclos-4.16.17/web/{name}"), text.encode("iso-8859-1"))
    return path


def stack_of(values: dict[str, str], release: Path | None = None, engine: Engine | None = None) -> Stack:
    """A loaded stack from `{key without project: stored text}`; what `package` names gives way to `release`."""
    settings, problems = parse(values)
    assert problems == []
    package = package_of(release if settings.package else None)
    return Stack(
        NAMES, settings, topology(settings, NAMES), engine or Engine(asked_at="2026-01-02T03:04:05+00:00"), package
    )


def deployed(stack: Stack, *, preview: bool = False) -> Deployed:
    """Deploy a stack under mocks."""
    outputs: dict[str, Any] = {}
    recording = record(lambda: outputs.update(deploy(stack)), preview=preview)
    return Deployed(stack, recording, outputs)


def example(name: str, folder: Path) -> Deployed:
    """Deploy an example; its package, if it names one, is a small one."""
    values = {key.removeprefix("cyclos:"): text for key, text in stored(name).items()}
    return deployed(stack_of(values, small_release(folder)))
