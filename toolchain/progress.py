"""What the user sees of a step: one line when it starts and, if it is long, how far it is."""

import contextlib
import sys
import threading
import time
from collections.abc import Iterator
from types import TracebackType

# On a terminal the line is renewed; in a log a new line is only worth it now and then.
TERMINAL_SECONDS = 1.0
LOG_SECONDS = 60.0


def say(text: str) -> None:
    """One line, seen at once."""
    print(text, flush=True)


def clock(seconds: float) -> str:
    """Minutes and seconds: 1:23."""
    return f"{int(seconds) // 60}:{int(seconds) % 60:02d}"


@contextlib.contextmanager
def step(text: str) -> Iterator[None]:
    """Show the text, then the time that it takes."""
    with _Ticker(text):
        yield


class _Ticker:
    def __init__(self, text: str) -> None:
        self._text = text
        self._terminal = sys.stdout.isatty()
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._tick, daemon=True)
        self._start = time.monotonic()

    def __enter__(self) -> None:
        say(f"{self._text} …") if not self._terminal else self._show()
        self._thread.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._done.set()
        self._thread.join()
        if self._terminal:
            self._show("\n")

    def _tick(self) -> None:
        while not self._done.wait(TERMINAL_SECONDS if self._terminal else LOG_SECONDS):
            self._show()

    def _show(self, end: str = "") -> None:
        passed = f"{self._text} … {clock(time.monotonic() - self._start)}"
        print(f"\r{passed}{end}" if self._terminal else passed, end="" if self._terminal else "\n", flush=True)
