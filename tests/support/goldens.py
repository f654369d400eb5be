"""Golden files: what a test produced once, read as a diff in review.

`UPDATE_GOLDENS=1 pytest tests/unit` rewrites them.
"""

import os
from collections.abc import Mapping
from pathlib import Path

GOLDEN = Path(__file__).parent.parent / "golden"
UPDATE = "UPDATE_GOLDENS=1 pytest tests/unit"


def check_golden(name: str, text: str) -> None:
    """Compare a text with tests/golden/<name>."""
    path = GOLDEN / name
    if os.environ.get("UPDATE_GOLDENS"):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    assert path.exists(), f"{path} is missing: {UPDATE} writes it"
    assert text == path.read_text(encoding="utf-8"), f"{path} differs: {UPDATE} accepts the change"


def check_goldens(folder: str, texts: Mapping[str, str]) -> None:
    """Compare texts with all files of tests/golden/<folder>, and find files that nothing produces any more."""
    for name, text in sorted(texts.items()):
        check_golden(f"{folder}/{name}", text)
    there = {str(path.relative_to(GOLDEN / folder)) for path in (GOLDEN / folder).rglob("*") if path.is_file()}
    left_over = there - texts.keys()
    if os.environ.get("UPDATE_GOLDENS"):
        for name in left_over:
            (GOLDEN / folder / name).unlink()
    else:
        assert not left_over, f"no template makes these any more: {sorted(left_over)}"
