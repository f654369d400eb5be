"""docs/timeouts.md says what the files of the nodes say."""

import re

import pytest

from core.model import PostgresSettings, TomcatSettings
from tests.architecture.tree import ROOT

ROW = re.compile(r"^\|[^|]+\|([^|]*`[^|]*)\|([^|]*)\|", re.MULTILINE)
NAME = re.compile(r"`([\w.-]+)`")
# As a page writes it (`2.5 s`, `250 ms`) and as files do (`10s`, `"500"`); bare numbers above 100 are milliseconds.
NUMBER = r"(\d+(?:\.\d+)?) ?(ms|s)?\b"
# Named in the table, set in no file of a node.
ELSEWHERE = {"targetServerType", "preferSecondary", "tcpKeepAlive", "validationTimeout", "watch", "rejoin", "serve"}
ELSEWHERE |= {"FollowerSocketFactory", "LeaderAwaitingSocketFactory", "Patience", "PooledParallelSender", "primary"}


def seconds(number: str, unit: str) -> float:
    """What a number with its unit, if it has one, means."""
    return float(number) / 1000 if unit == "ms" or (not unit and float(number) > 100) else float(number)


def rendered(name: str) -> set[float]:
    """The values that a setting has in the golden files of all examples, and in the settings' defaults."""
    text = "\n".join(path.read_text(encoding="utf-8") for path in (ROOT / "tests" / "golden" / "files").rglob("*.*"))
    found = {seconds(*match) for match in re.findall(rf"(?:\b|-D){re.escape(name)}[\"' :=]+{NUMBER}", text)}
    alias = name.rpartition(".")[2]
    models = (PostgresSettings, TomcatSettings)
    fields = [field for model in models for field in model.model_fields.values() if field.alias == alias]
    return found | {float(field.default) for field in fields}


def told(names: str, values: str) -> list[tuple[str, float]]:
    """What a row says of each setting: values in the order of the names, or one for all of them."""
    found = [name for name in NAME.findall(names) if name not in ELSEWHERE]
    said = [seconds(*match) for match in re.findall(NUMBER, values)] if found else []
    return list(zip(found, said * len(found) if len(said) == 1 else said, strict=True))


ROWS = ROW.findall((ROOT / "docs" / "timeouts.md").read_text(encoding="utf-8"))


@pytest.mark.parametrize(("name", "value"), [pair for row in ROWS for pair in told(*row)])
def test_a_timeout_is_what_the_page_says(name: str, value: float) -> None:
    """Whoever changes one of them reads there which others depend on it."""
    assert value in rendered(name), f"{name} is {rendered(name)}, the page says {value:g} s"
