"""Writes docs/settings.md and docs/outputs.md from the code: `python -m docs.generate`. A test compares them."""

from collections.abc import Iterator
from pathlib import Path

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from core.model import Settings
from core.outputs import DESCRIPTIONS
from core.parse import default_text, groups

DOCS = Path(__file__).parent

SETTINGS = """\
# Settings

Made from `core/model.py` by `python -m docs.generate`; edit there.

Set one with `pulumi config set --path KEY VALUE`. A bad value fails in `pulumi preview`, before anything is touched:
all mistakes at once, each with what was given, the rule and the cure. Examples of whole stacks: `examples/`.

| key | what it does | legal | default |
|---|---|---|---|
"""
OUTPUTS = """\
# Outputs

Made from `core/outputs.py` by `python -m docs.generate`; edit there.

Read them with `pulumi stack output NAME` (`--json` for what has parts). No secret is among them.

| name | what it is |
|---|---|
"""
KINDS = {"int": "whole number", "str": "text", "bool": "true or false", "Path | None": "path"}


def pages() -> dict[str, str]:
    """Every generated page, by file name."""
    settings = "".join(f"| {' | '.join(map(_cell, row))} |\n" for row in _settings())
    outputs = "".join(f"| `{name}` | {_cell(text)} |\n" for name, text in DESCRIPTIONS.items())
    return {"settings.md": SETTINGS + settings, "outputs.md": OUTPUTS + outputs}


def _settings() -> Iterator[tuple[str, str, str, str]]:
    yield from _rows("", Settings)
    for group, model in groups().items():
        yield from _rows(f"{group}.", model)


def _rows(prefix: str, model: type[BaseModel]) -> Iterator[tuple[str, str, str, str]]:
    for field in model.model_fields.values():
        if field.alias not in groups():
            default = default_text(field)
            yield (
                f"`{prefix}{field.alias}`",
                str(field.description),
                _legal(field),
                f"`{default}`" if default != '""' else "empty",
            )


def _legal(field: FieldInfo) -> str:
    annotation = field.annotation
    kind = KINDS[annotation.__name__ if isinstance(annotation, type) else str(annotation).replace("pathlib.", "")]
    limits = {name: getattr(rule, name) for rule in field.metadata for name in ("ge", "le") if hasattr(rule, name)}
    return f"{kind}, {limits['ge']} to {limits['le']}" if limits else kind


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


if __name__ == "__main__":
    for name, text in pages().items():
        (DOCS / name).write_text(text, encoding="utf-8")
