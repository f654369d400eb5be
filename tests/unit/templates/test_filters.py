"""Each target has its own way to quote; what it cannot hold is refused."""

from pathlib import Path

import javaproperties
import pytest
from jinja2 import StrictUndefined, TemplateNotFound, UndefinedError

from core.render import TEMPLATES, java_property, nginx_quoted, pg_literal, render, spelled, yaml_string

NASTY = [
    "",
    "plain",
    " a b",
    "tab\tnew\nline",
    'double"quote',
    "single'quote",
    "back\\slash",
    "a=b:c#d!e",
    "ümläut €",
    "\\u0041",
]


@pytest.mark.parametrize("value", NASTY)
def test_a_java_property_is_read_back_as_it_was(value: str) -> None:
    """By a reader that follows java.util.Properties."""
    assert javaproperties.loads(f"key={java_property(value)}\n") == {"key": value}


def test_a_url_in_a_java_property_stays_readable() -> None:
    """Java needs no escape for = and : in a value, and people read these files."""
    assert java_property("jdbc:postgresql://10.0.0.1:5432/cyclos4?a=b") == "jdbc:postgresql://10.0.0.1:5432/cyclos4?a=b"


@pytest.mark.parametrize(
    ("value", "quoted"),
    [
        ("it's", "'it''s'"),
        ("", "''"),
        ("back\\slash", "'back\\slash'"),
        ("'; DROP TABLE users; --", "'''; DROP TABLE users; --'"),
    ],
)
def test_a_pg_literal_ends_where_it_should(value: str, quoted: str) -> None:
    """A quote is doubled, and nothing else has a meaning."""
    assert pg_literal(value) == quoted


@pytest.mark.parametrize(("value", "quoted"), [('a"b', '"a\\"b"'), ("a\\b", '"a\\\\b"'), ("a;b{c}", '"a;b{c}"')])
def test_an_nginx_argument_ends_where_it_should(value: str, quoted: str) -> None:
    """Semicolons and braces mean nothing inside quotes."""
    assert nginx_quoted(value) == quoted


def test_nginx_cannot_quote_a_dollar_sign() -> None:
    """It would be read as a variable."""
    with pytest.raises(ValueError, match="cannot quote a dollar sign"):
        nginx_quoted("pa$word")


@pytest.mark.parametrize(
    ("value", "text"), [("no", '"no"'), ('a"b', '"a\\"b"'), (["a", "b"], '["a", "b"]'), ("a: b #c", '"a: b #c"')]
)
def test_a_yaml_string_is_a_string(value: object, text: str) -> None:
    """Also where YAML would see a boolean, a mapping or a comment."""
    assert yaml_string(value) == text


def test_a_missing_value_is_named_whatever_the_filter() -> None:
    """`Undefined is not JSON serializable` helps nobody."""
    with pytest.raises(UndefinedError, match="'scope' is undefined"):
        yaml_string(StrictUndefined(name="scope"))


@pytest.mark.parametrize("value", [None, True, False])
def test_what_python_spells_its_own_way_is_refused(value: object) -> None:
    """`None` and `True` in a configuration file are mistakes of ours."""
    with pytest.raises(TypeError, match="compute the server's own spelling in Python"):
        spelled(value)


def test_templates_come_from_one_folder() -> None:
    """A name with dots leads nowhere else."""
    with pytest.raises(TemplateNotFound):
        render("../Pulumi.yaml")


@pytest.mark.parametrize(
    "template", sorted(TEMPLATES.rglob("*.j2")), ids=lambda path: f"{path.parent.name}/{path.name}"
)
def test_every_template_says_what_it_needs(template: Path) -> None:
    """A head comment lists the inputs; defaults are not a template's business."""
    text = template.read_text(encoding="utf-8")
    assert text.startswith("{#-"), "the head comment is missing"
    assert "default(" not in text, "defaults live in core/model.py"
    assert text.endswith("\n")
