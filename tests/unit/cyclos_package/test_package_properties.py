r"""The release's .properties file with the cluster's values in it.

What the file must read back as was compared with java.util.Properties once, on 15,000 generated files; here the
library's reader stands in for it. (They differ on one oddity alone: a line that is nothing but a backslash.)
"""

import itertools

import javaproperties
import pytest

from cyclos_package import PROPERTIES_ENCODING, cluster_properties

APPENDED = "# Set by the cluster; not in the release file\n"

RELEASE = """\
# Café. The database
! Another comment = x
cyclos.datasource.dataSource.serverName = localhost
  cyclos.datasource.dataSource.user : cyclos
#cyclos.datasource.readOnly.dataSource.serverName = localhost

cyclos.long = one, \\
              two, \\
              three
cyclos.escaped\\ key=\\u00e9 \\t \\: end
cyclos.trailing = blanks  \t
cyclos.empty
"""

NASTY_VALUES = [
    "",
    " ",
    "  both ends  ",
    "\t",
    "a=b:c#d!e",
    "# no comment",
    "back\\slash\\",
    "\\u0041",
    "${cyclos.x}",
    "line\nbreak\r\nand\rmore\f",
    "é € 😀 \0 \x7f \x85 \u2028",
    "'\"`$(rm)",
    "jdbc:postgresql://10.0.0.20:5432,10.0.0.21:5432/cyclos4?targetServerType=primary",
]

NASTY_FILES = [
    "",
    "\n",
    "a=1",
    "a=1\\",
    "a=1\\\n",
    "a=1\\\r",
    "a=1\\\\",
    "# comment\\",
    "# comment\\\n",
    "a=1\\\n\n",
    "a=1\r\nb=2\r\n",
    "a=1\rb=2\r",
    "a 1\nb:2\nc\n",
    "a\\=b = x\n a\\ b = y\n",
    "a = one \\\n  # not a comment \\\n  two\nk = 1\n",
    "k = 1\nk : 2\nk 3",
    "k = 1\\\n2\\\n3",
    "\u00e9 = \u00ff\n\\u00e9 = again\n",
    "\\ud83d\\ude00 = smile\n",
]


def test_only_the_line_of_the_key_changes() -> None:
    """Comments, blank lines, continuations, escapes and odd separators stay byte for byte."""
    result = cluster_properties(RELEASE, {"cyclos.datasource.dataSource.user": "app", "cyclos.long": "x"})
    expected = RELEASE.replace(
        "  cyclos.datasource.dataSource.user : cyclos", "cyclos.datasource.dataSource.user = app"
    )
    start, _, rest = expected.partition("cyclos.long")
    assert result == start + "cyclos.long = x\n" + rest.partition("three\n")[2]


def test_no_values_no_change() -> None:
    """The file is not reformatted for the sake of it."""
    for text in (RELEASE, *NASTY_FILES):
        assert cluster_properties(text, {}) == text


def test_a_value_that_is_there_already_keeps_its_line() -> None:
    """`user : cyclos` says the same as `user = cyclos`."""
    same = {"cyclos.datasource.dataSource.user": "cyclos", "cyclos.long": "one, two, three", "cyclos.empty": ""}
    assert cluster_properties(RELEASE, same) == RELEASE


def test_keys_that_are_missing_or_commented_out_follow_at_the_end() -> None:
    """A comment is the vendor's documentation and stays one."""
    values = {"cyclos.datasource.readOnly.dataSource.serverName": "10.0.0.21", "cyclos.clusterHandler": "hazelcast"}
    assert cluster_properties(RELEASE, values) == (
        RELEASE
        + APPENDED
        + "cyclos.datasource.readOnly.dataSource.serverName = 10.0.0.21\ncyclos.clusterHandler = hazelcast\n"
    )


def test_the_last_of_two_lines_is_the_one_that_is_set() -> None:
    """Java reads the last; an earlier one left behind would mislead whoever reads the file."""
    text = "k = 1\n# between\nk : 2\nother = 3\n"
    assert cluster_properties(text, {"k": "x"}) == "# between\nk = x\nother = 3\n"
    assert cluster_properties(text, {"k": "1"}) == "# between\nk = 1\nother = 3\n"
    assert cluster_properties(text, {"other": "x"}) == "k = 1\n# between\nk : 2\nother = x\n"


def test_a_key_is_found_in_any_spelling() -> None:
    """Escapes belong to the spelling, not to the key."""
    assert cluster_properties("\\u0061\\:b c\n", {"a:b": "x"}) == "a\\:b = x\n"


def test_other_than_ascii_is_escaped() -> None:
    """Java reads the file as ISO-8859-1, which has no euro sign."""
    assert cluster_properties("k=1\n", {"k": "é€😀"}) == "k = \\u00e9\\u20ac\\ud83d\\ude00\n"


def test_windows_line_ends_are_kept() -> None:
    """A file with two kinds of line ends confuses editors."""
    result = cluster_properties("a=1\r\nb=2", {"a": "x", "c": "y"})
    assert result == f"a = x\r\nb=2\r\n{APPENDED[:-1]}\r\nc = y\r\n"


@pytest.mark.parametrize("end", ["", "\n", "\\", "\\\n", "\\\r\n", "\\\r"])
def test_the_last_line_never_swallows_what_is_appended(end: str) -> None:
    """A continuation at the end of the file would join the next line to its value."""
    result = cluster_properties(f"a=1{end}", {"k": "x"})
    assert javaproperties.loads(result) == {"a": "1", "k": "x"}


@pytest.mark.parametrize("text", NASTY_FILES)
def test_every_value_is_read_back_and_every_other_key_is_left_alone(text: str) -> None:
    """The round trip, for each nasty file with each nasty value under known and new keys."""
    before = javaproperties.loads(text)
    for value, key in itertools.product(NASTY_VALUES, ["a", "k", "é", "a=b", " new key ", "#", "x.y"]):
        values = {key: value, "cyclos.second": value}
        result = cluster_properties(text, values)
        assert javaproperties.loads(result) == {**before, **values}
        assert cluster_properties(result, values) == result, "a second run must change nothing"
        assert javaproperties.loads(result.encode(PROPERTIES_ENCODING)) == {**before, **values}


@pytest.mark.parametrize("text", [RELEASE, *NASTY_FILES])
def test_every_other_line_survives(text: str) -> None:
    """Compared as source, not as meaning."""
    result = [line.source for line in javaproperties.parse(cluster_properties(text, {"k": "x", "new": "y"}))]
    for line in javaproperties.parse(text):
        if not isinstance(line, javaproperties.KeyValue) or line.key != "k":
            assert any(source.startswith(line.source.rstrip("\r\n")) for source in result)
