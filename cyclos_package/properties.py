"""Sets values in a Java .properties file and leaves every other line as it is."""

from collections.abc import Mapping

import javaproperties
from javaproperties import Comment, KeyValue, PropertiesElement

# What java.util.Properties reads from a stream; a file must be written in it too.
PROPERTIES_ENCODING = "iso-8859-1"

_APPENDED = "# Set by the cluster; not in the release file"


def cluster_properties(release_text: str, values: Mapping[str, str]) -> str:
    r"""Return the release file with the cluster's values set.

    A key keeps the place of its last occurrence, the one that Java goes by, and earlier ones are dropped; a line that
    says the same already stays as it is. Keys that the file does not set, or only in a comment, follow at the end
    under one comment line. New lines end as the file's own do. Other than ASCII is written as \uXXXX.

    Write the result in PROPERTIES_ENCODING: comments of the release may hold more than ASCII.
    """
    found = list(javaproperties.parse(release_text))
    newline = "\r\n" if found and found[0].source.endswith("\r\n") else "\n"
    last = {line.key: index for index, line in enumerate(found) if isinstance(line, KeyValue)}
    kept: list[PropertiesElement] = []
    for index, line in enumerate(found):
        if not isinstance(line, KeyValue) or line.key not in values:
            kept.append(line)
        elif last[line.key] == index:
            value = values[line.key]
            kept.append(line if line.value == value else _assignment(line.key, value, newline))
    text = "".join(line.source for line in kept)
    missing = [_assignment(key, value, newline) for key, value in values.items() if key not in last]
    if not missing:
        return text
    text += (_gap(kept[-1], newline) if kept else "") + _APPENDED + newline
    return text + "".join(line.source for line in missing)


def _assignment(key: str, value: str, newline: str) -> KeyValue:
    return KeyValue(key, value, javaproperties.join_key_value(key, value, separator=" = ") + newline)


def _gap(line: PropertiesElement, newline: str) -> str:
    """Return what must follow the file's last line before another one can start."""
    body = line.source.rstrip("\r\n")
    backslashes = len(body) - len(body.rstrip("\\"))
    if backslashes % 2 and not isinstance(line, Comment):
        return newline * 2  # a continuation that leads nowhere would swallow the next line: an empty one ends it
    return newline if body == line.source else ""
