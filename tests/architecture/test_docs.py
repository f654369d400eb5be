"""What people read is what the code says: tables, keys and paths."""

import re
from collections import defaultdict
from importlib import import_module
from inspect import signature
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from core.derive import FIRST_HOST, POSTGRES_NODES_MAX, STEP_RANGE_PREFIX
from core.model import Settings
from core.outputs import DESCRIPTIONS
from core.parse import groups
from core.policy import CONTAINER, labels_of
from core.state import VOLUME
from docs.generate import pages
from tests.architecture.tree import ROOT, tracked
from tests.support.stacks import EXAMPLES, example, stored

if TYPE_CHECKING:
    from pydantic import BaseModel

PAGES = [path for path in tracked() if path.suffix == ".md"]
# `core/model.py`, `docs/`, `make up`: what looks like a path of this repository has a slash or a known ending.
QUOTED = re.compile(r"`([\w.\-/]+)`")
FOLDER = re.compile(r"[a-z_]+(/[\w.\-]+)*/")
SCENARIO = re.compile(r"`([a-z]+(?:_[a-z]+)+)`")
LABEL_ROW = re.compile(r"^\| `(cyclos\.\w+)` \| (.+?) \|", re.MULTILINE)
LABEL_WORD = re.compile(r"--label \"?(cyclos\.\w+)=")
LINK = re.compile(r"\]\((?!https?:|#)([^)#]+)")
ENDINGS = (".py", ".md", ".yaml", ".toml", ".j2", ".sh")
# Made by setup or by a run, so that a clean clone does not hold them.
MADE = (".venv/", ".state/", "build/", "releases/", "artefacts/", "web.tar")


@pytest.mark.parametrize("name", sorted(pages()))
def test_generated_pages_are_fresh(name: str) -> None:
    """`python -m docs.generate` writes them."""
    assert (ROOT / "docs" / name).read_text(encoding="utf-8") == pages()[name], "run: python -m docs.generate"


def test_pulumis_schema_has_exactly_our_keys() -> None:
    """`pulumi config` and the console show it; the model is the truth."""
    schema = yaml.safe_load((ROOT / "Pulumi.yaml").read_text())["config"]
    keys = {key for key in schema if not key.startswith("pulumi:")}
    assert keys == {str(field.alias) for field in Settings.model_fields.values()}


def test_pulumis_schema_names_every_setting_of_a_group() -> None:
    """Its description is all that `pulumi config` tells about the inside of a group."""
    schema = yaml.safe_load((ROOT / "Pulumi.yaml").read_text())["config"]
    for key, model in groups().items():
        aliases = [str(field.alias) for field in model.model_fields.values()]
        missing = [alias for alias in aliases if alias not in schema[key]["description"]]
        assert not missing, f"Pulumi.yaml: the description of {key} lacks {missing}"


def test_pulumis_schema_gives_no_default_of_its_own() -> None:
    """One truth: an empty value means the model's default."""
    schema = yaml.safe_load((ROOT / "Pulumi.yaml").read_text())["config"]
    defaults = {key: entry.get("default") for key, entry in schema.items() if not key.startswith("pulumi:")}
    assert all(default in ("", {}, False, None) for default in defaults.values()), defaults


def test_every_description_is_a_label() -> None:
    """No full stop: it stands in tables and in errors."""
    models: list[type[BaseModel]] = [Settings, *groups().values()]
    fields = [field for model in models for field in model.model_fields.values() if field.alias not in groups()]
    texts = [field.description or "" for field in fields] + list(DESCRIPTIONS.values())
    assert not [text for text in texts if not text or text.endswith(".")]


@pytest.mark.parametrize("name", EXAMPLES)
def test_examples_set_only_what_differs(name: str) -> None:
    """A default repeated in an example would hide that it is one."""
    default = Settings().model_dump(by_alias=True, mode="json")
    for key, text in stored(name).items():
        section, given = key.removeprefix("cyclos:"), yaml.safe_load(text)
        pairs = given.items() if isinstance(given, dict) else [("", given)]
        repeated = [
            inner for inner, value in pairs if value == (default[section][inner] if inner else default[section])
        ]
        assert not repeated, f"{name} repeats the default of {section} {repeated}"


@pytest.mark.parametrize("page", PAGES, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_path_in_a_page_exists(page: Path) -> None:
    """Renamed in the tree, forgotten in the text."""
    text = page.read_text(encoding="utf-8")
    named = {word for word in QUOTED.findall(text) if word.endswith(ENDINGS) or FOLDER.fullmatch(word)}
    named |= set(LINK.findall(text))
    checked = [word for word in named if not word.startswith(MADE)]
    lost = [word for word in checked if not (ROOT / word).exists() and not (page.parent / word).exists()]
    assert not lost, f"there is no {sorted(lost)}"


def scenarios(test: Any) -> list[str]:
    """What the chaos suite calls a test: its name, and its parameter if it has one."""
    name = test.__name__.removeprefix("test_")
    marks = [mark for mark in getattr(test, "pytestmark", []) if mark.name == "parametrize"]
    return [f"{name}_{value}" for mark in marks for value in mark.args[1]] or [name]


def test_failure_modes_names_every_scenario_and_no_other() -> None:
    """What the page promises is shown, and what is shown is promised."""
    modules = [import_module(f"tests.chaos.{path.stem}") for path in (ROOT / "tests" / "chaos").glob("test_*.py")]
    tests = [test for module in modules for name, test in vars(module).items() if name.startswith("test_")]
    shown = {scenario for test in tests if "trial" in signature(test).parameters for scenario in scenarios(test)}
    page = (ROOT / "docs" / "failure-modes.md").read_text(encoding="utf-8")
    # What follows the first heading is about settings, whose names look the same.
    assert set(SCENARIO.findall(page.partition("\n## ")[0])) == shown


def test_the_table_of_labels_is_what_is_put_on(tmp_path: Path) -> None:
    """People and scripts find a stack's objects by them."""
    recording = example("production", tmp_path).recording
    labelled: dict[str, set[str]] = defaultdict(set)
    for place, token in (("containers", CONTAINER), ("volumes", VOLUME)):
        for resource in recording.of(token):
            for label in labels_of(resource):
                labelled[label].add(place)
    for label in LABEL_WORD.findall((ROOT / "components" / "bin" / "network").read_text(encoding="utf-8")):
        labelled[label].add("network")
    page = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    # "etcd's containers" are containers.
    rows = {label: {place.split()[-1] for place in places.split(", ")} for label, places in LABEL_ROW.findall(page)}
    assert rows == labelled


def test_the_addresses_of_the_page_are_those_of_the_nodes() -> None:
    """Whoever draws a network plan copies them."""
    first = {tier: f".{number}" for tier, number in FIRST_HOST.items()}
    last = f".{FIRST_HOST['postgres'] + POSTGRES_NODES_MAX - 1}"
    words = f"balancers from {first['balancer']}, etcd from {first['etcd']}, PostgreSQL {first['postgres']} to {last}, "
    words += f"Tomcats from {first['tomcat']}, one-shot steps from .{2 ** (32 - STEP_RANGE_PREFIX)}."
    page = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    assert words in " ".join(page.split())
