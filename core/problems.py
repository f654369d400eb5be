"""What is wrong with a stack's settings or its machine, said once, all at once, each with its cure."""

import json
from dataclasses import dataclass

# Enough to recognise a value by.
SHOWN_CHARACTERS = 60


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong: the key, what was given, the rule, and the command or act that cures it."""

    key: str
    given: object
    rule: str
    cure: str

    def __str__(self) -> str:
        """One line per problem and one for its cure."""
        key = self.key if self.key.isprintable() else shown(self.key)
        return f"  {key}: {shown(self.given)} given; {self.rule}\n      cure: {self.cure}"


class BadSettings(Exception):  # noqa: N818 - it is the settings that are bad, not the program
    """Raised before anything is touched; carries every problem that was found."""

    def __init__(self, problems: list[Problem]) -> None:
        """Sort by key, so that the same mistake always reads the same."""
        self.problems = sorted(problems, key=lambda problem: problem.key)
        count = f"{len(problems)} problem{'s' if len(problems) > 1 else ''}"
        super().__init__("\n".join([f"{count} with this stack; nothing was touched:", *map(str, self.problems)]))


def shown(given: object) -> str:
    """A value as it stands in a stack file, on one line: text in quotes, true, null; nothing invisible."""
    text = json.dumps(given, ensure_ascii=not str(given).isprintable(), default=str)
    return text if len(text) <= SHOWN_CHARACTERS else f"{text[:SHOWN_CHARACTERS]}…"
