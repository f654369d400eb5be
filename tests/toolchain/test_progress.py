"""What the user sees of a step that takes long."""

import itertools
import sys
from threading import Event
from types import SimpleNamespace

import pytest

from toolchain import progress


@pytest.fixture
def two_minutes(monkeypatch: pytest.MonkeyPatch) -> Event:
    """Set when a step has looked at the clock twice since it began; each look is a minute later, and comes soon."""
    looks, passed = itertools.count(), Event()

    def monotonic() -> float:
        look = next(looks)
        if look == 2:
            passed.set()
        return look * 60.0

    monkeypatch.setattr(progress, "time", SimpleNamespace(monotonic=monotonic))
    monkeypatch.setattr(progress, "LOG_SECONDS", 0.001)
    monkeypatch.setattr(progress, "TERMINAL_SECONDS", 0.001)
    return passed


def test_a_log_is_told_of_a_step_once_a_minute() -> None:
    """Often enough to see that it lives, seldom enough to be read later."""
    assert progress.LOG_SECONDS == 60


def test_a_long_step_says_its_name_and_how_long_it_takes(
    two_minutes: Event, capsys: pytest.CaptureFixture[str]
) -> None:
    """Whoever waits for a build sees that it goes on."""
    with progress.step("Pulumi's CLI"):
        assert two_minutes.wait(10)
    lines = capsys.readouterr().out.splitlines()
    assert lines[:3] == ["Pulumi's CLI …", "Pulumi's CLI … 1:00", "Pulumi's CLI … 2:00"]


def test_a_short_step_says_its_name_only(capsys: pytest.CaptureFixture[str]) -> None:
    """One line in the log."""
    with progress.step("Pulumi's CLI"):
        pass
    assert capsys.readouterr().out == "Pulumi's CLI …\n"


def test_on_a_terminal_the_line_is_renewed(
    two_minutes: Event, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """And ends when the step does, so that the next one has a line of its own."""
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    with progress.step("Pulumi's CLI"):
        assert two_minutes.wait(10)
    shown = capsys.readouterr().out
    assert shown.startswith("\rPulumi's CLI … 1:00\rPulumi's CLI … 2:00")
    assert shown.count("\n") == 1
    assert shown.endswith("\n")
