"""Raw configuration values -> Settings, with every mistake turned into a Problem."""

import difflib
import json
from collections.abc import Iterable, Mapping
from typing import Any

from pydantic import BaseModel, ValidationError
from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails

from core import checks
from core.model import Settings
from core.problems import Problem

# Pydantic's error types in our users' words; `{ge}` and `{le}` come from the error itself.
RULES = {
    "greater_than_equal": "must be at least {ge}",
    "less_than_equal": "must be at most {le}",
    "int_type": "must be a whole number, without quotes",
    "bool_parsing": "must be true or false",
    "string_type": "must be text",
}


def parse(values: Mapping[str, str]) -> tuple[Settings, list[Problem]]:
    """Settings from `{key: text as Pulumi stores it}`, and all that is wrong with them.

    What is wrong gives way to its default, so that the rest of a stack can be checked in the same run.
    """
    raw, problems = _decoded(values)
    try:
        settings = _validated(raw)
    except ValidationError as error:
        problems += [_problem(details) for details in error.errors()]
        settings = _validated(_without(raw, (details["loc"] for details in error.errors())))
    problems += checks.problems(settings)
    return _validated(
        _without(settings.model_dump(by_alias=True), (problem.key.split(".") for problem in problems))
    ), problems


def groups() -> dict[str, type[BaseModel]]:
    """Top-level keys that hold a group of settings."""
    return {
        str(field.alias): field.annotation
        for field in Settings.model_fields.values()
        if isinstance(field.annotation, type) and issubclass(field.annotation, BaseModel)
    }


def default_text(field: FieldInfo) -> str:
    """A setting's default, as an operator would type it."""
    return {None: '""', "": '""', False: "false"}.get(field.default, str(field.default))


def _validated(raw: Mapping[str, Any]) -> Settings:
    """By alias only: `memory_mib` is Python's spelling and no key."""
    return Settings.model_validate(raw, by_alias=True, by_name=False)


def _without(raw: Mapping[str, Any], places: Iterable[Iterable[int | str]]) -> dict[str, Any]:
    """The same values but for those at `places`: paths of one key, or of a group and a key."""
    kept = {key: dict(value) if isinstance(value, dict) else value for key, value in raw.items()}
    for top, *inner in places:
        group = kept.get(str(top))
        if not inner:
            kept.pop(str(top), None)
        elif isinstance(group, dict):
            group.pop(inner[0], None)
    return kept


def _decoded(values: Mapping[str, str]) -> tuple[dict[str, Any], list[Problem]]:
    """Objects are stored as JSON, scalars as themselves, and an empty value is none."""
    raw: dict[str, Any] = {}
    problems = []
    for key, text in values.items():
        value = _json(text) if text and key in groups() else text
        if "." in key:
            again = f"; pulumi config set --path {key} VALUE" if key.partition(".")[0] in groups() else ""
            cure = f"pulumi config rm {key}{again}"
            problems.append(Problem(key, text, "was set without --path, so it is one key with a dot in its name", cure))
        elif key in groups() and text and not isinstance(value, dict):
            example = next(iter(groups()[key].model_fields.values())).alias
            cure = f"pulumi config rm {key}; pulumi config set --path {key}.{example} VALUE"
            problems.append(Problem(key, value, "must be a group of keys", cure))
        elif text:
            raw[key] = value
    return raw, problems


def _json(text: str) -> object:
    try:
        return json.loads(text)
    except ValueError:  # no JSON, or a number of more digits than Python reads
        return text


def _problem(details: ErrorDetails) -> Problem:
    *groups_above, name = map(str, details["loc"])
    model = groups()[groups_above[0]] if groups_above else Settings
    key = ".".join([*groups_above, name])
    if details["type"] == "extra_forbidden":
        return _unknown_key(key, name, details["input"], model)
    rule = RULES.get(details["type"], details["msg"]).format(**details.get("ctx", {}))
    (field,) = (field for field in model.model_fields.values() if field.alias == name)
    limits = details.get("ctx", {})
    nearest = limits.get("ge", limits.get("le", default_text(field)))
    return Problem(key, details["input"], f"{rule} ({field.description})", f"pulumi config set --path {key} {nearest}")


def _unknown_key(key: str, name: str, given: object, model: type[BaseModel]) -> Problem:
    known = [str(field.alias) for field in model.model_fields.values()]
    close = difflib.get_close_matches(name, known, n=1)
    meant = f"; did you mean {key.removesuffix(name)}{close[0]}?" if close else ""
    plain = name.isascii() and name.replace("_", "").replace("-", "").isalnum()
    cure = f"pulumi config rm --path {key}" if plain else "remove it from the stack's file"
    return Problem(key, given, f"is not a setting{meant} (known: {', '.join(known)})", cure)
