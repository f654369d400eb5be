"""Reads the process list as any user of the machine could, again and again."""

import threading
from pathlib import Path
from types import TracebackType
from typing import Self

INTERVAL_SECONDS = 0.1


class Watcher:
    """Keeps every command line and every environment that it saw, containers' processes included."""

    def __init__(self) -> None:
        """See nothing yet."""
        self.seen: set[bytes] = set()
        self.rounds = 0
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)

    def __enter__(self) -> Self:
        """Begin to look."""
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        """Look no more."""
        self._over.set()
        self._thread.join()

    def holding(self, words: list[bytes]) -> list[bytes]:
        """What was seen with one of the words in it."""
        return [text for text in self.seen if any(word in text for word in words)]

    def _watch(self) -> None:
        while not self._over.wait(INTERVAL_SECONDS):
            self.rounds += 1
            for process in Path("/proc").glob("[0-9]*"):
                self._read(process)

    def _read(self, process: Path) -> None:
        for file in ("cmdline", "environ"):
            try:
                self.seen.add((process / file).read_bytes())
            except OSError:
                continue  # ended meanwhile
