"""Jinja2 templates of config_templates/ -> text. Templates decide nothing; everything is computed before."""

import json
from functools import cache
from pathlib import Path
from xml.sax.saxutils import quoteattr

import javaproperties
from jinja2 import Environment, FileSystemLoader, StrictUndefined

TEMPLATES = Path(__file__).parent.parent / "config_templates"


def render(template: str, **values: object) -> str:
    """Text of `config_templates/<template>`. Raises jinja2.UndefinedError for a value that is missing."""
    return _environment().get_template(template).render(**values)


def templates_used() -> set[str]:
    """Names of all templates that this process has rendered, imported or included so far."""
    return {name for _, name in (_environment().cache or {})}


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        autoescape=False,  # noqa: S701 - the targets are configuration files, each with a filter of its own
        finalize=spelled,
    )
    environment.filters.update(
        java_property=java_property,
        nginx_quoted=nginx_quoted,
        pg_literal=pg_literal,
        xml_attribute=quoteattr,
        yaml_string=yaml_string,
    )
    return environment


def spelled(value: object) -> object:
    """Refuse what prints differently in Python than in any server's configuration."""
    if value is None or isinstance(value, bool):
        raise TypeError(f"a template printed {value!r}: compute the server's own spelling in Python")
    return value


def java_property(value: str) -> str:
    """A value for a .properties file, escaped as java.util.Properties reads it."""
    return javaproperties.escape(value).replace("\\=", "=").replace("\\:", ":")


def nginx_quoted(value: str) -> str:
    """A double-quoted NGINX argument. NGINX has no escape for `$`, so a value with one is refused."""
    if "$" in value:
        raise ValueError(f"NGINX cannot quote a dollar sign: {value!r}")
    return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'


def pg_literal(value: str) -> str:
    """A single-quoted literal for SQL and postgresql.conf (standard_conforming_strings is on)."""
    return "'" + value.replace("'", "''") + "'"


def yaml_string(value: object) -> str:
    """A double-quoted YAML scalar, or a flow list of them: JSON is YAML. A missing value is named in the error."""
    return json.dumps(value, default=str)
