"""What an operator sets, and what the program says when it is wrong."""

import json
import tomllib
from pathlib import Path
from typing import Any

import pytest

from core.model import Settings
from core.parse import parse
from core.problems import BadSettings
from tests.support.stacks import EXAMPLES, stored

CASES = tomllib.loads((Path(__file__).parent / "bad_settings.toml").read_text(encoding="utf-8"))["case"]
# A number that Python itself refuses to read; too long to stand in the table.
ENDLESS = '{"memoryMib": ' + "9" * 5000 + "}"


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["title"])
def test_a_bad_setting_is_explained(case: dict[str, Any]) -> None:
    """Key, what was given, the rule and the cure, word for word."""
    _, problems = parse(case.get("set", {"postgres": ENDLESS}))
    text = str(BadSettings(problems)).partition("\n")[2]
    assert f"{text}\n" == case["says"]


def test_the_table_holds_at_least_thirty_bad_settings() -> None:
    """The promise of the issue; twice as many is better."""
    assert len(CASES) >= 30
    assert len({case["title"] for case in CASES}) == len(CASES)


def test_the_error_says_how_many_problems_and_that_nothing_was_touched() -> None:
    """The first line is what a person reads in the middle of the engine's own output."""
    _, problems = parse({"colour": "blue", "size": "big"})
    assert str(BadSettings(problems)).startswith("2 problems with this stack; nothing was touched:\n  colour:")
    assert str(BadSettings(problems[:1])).startswith("1 problem with this stack; nothing was touched:\n  colour:")


def test_what_is_wrong_gives_way_to_its_default() -> None:
    """So that the engine can be asked about all the rest in the same run."""
    tomcat = '{"nodes": 1, "memoryMib": 2048}'
    settings, problems = parse({"tomcat": tomcat, "etcd": '{"members": 4}', "network": "none", "x": "y"})
    assert (settings.tomcat.nodes, settings.tomcat.memory_mib) == (2, 2048)
    assert (settings.etcd.members, settings.network.subnet) == (1, "")
    assert len(problems) == 4


def test_nothing_set_means_all_defaults() -> None:
    """The default stack needs no configuration at all; an empty value is none."""
    assert parse({}) == (Settings(), [])
    assert parse({"package": "", "tomcat": "", "postgres": "{}"}) == (Settings(), [])


def test_values_arrive_as_pulumi_stores_them() -> None:
    """Scalars as text, groups as JSON."""
    values = {"disposable": "true", "package": "releases/ä.zip"}
    settings, problems = parse(values | {"balancer": '{"port": 443, "address": "10.0.0.5"}'})
    assert problems == []
    assert settings.disposable is True
    assert settings.package == Path("releases/ä.zip")
    assert (settings.balancer.port, settings.balancer.address) == (443, "10.0.0.5")


@pytest.mark.parametrize("subnet", ["10.200.1.0/24", "172.31.255.0/24", "192.168.0.0/255.255.255.0"])
def test_private_subnets_of_the_right_size_are_accepted(subnet: str) -> None:
    """All three private ranges, in both spellings."""
    assert parse({"network": json.dumps({"subnet": subnet})})[1] == []


@pytest.mark.parametrize("host", ["unix:///var/run/docker.sock", "tcp://10.0.0.5:2376", "ssh://root@engine"])
def test_engine_addresses_that_docker_knows_are_accepted(host: str) -> None:
    """The three ways Docker's own client reaches an engine."""
    assert parse({"engine": json.dumps({"host": host})})[1] == []


@pytest.mark.parametrize("name", EXAMPLES)
def test_every_example_is_well_formed(name: str) -> None:
    """An example that is refused would be worse than none."""
    assert parse({key.removeprefix("cyclos:"): text for key, text in stored(name).items()})[1] == []
