"""Stand-ins for what setup meets outside: programs on PATH, and the vendor's site."""

import hashlib
import http.server
import io
import re
import shutil
import tarfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

# What the stand-in scripts use themselves.
BASICS = ("sh", "cat", "chmod", "mkdir", "cp", "dirname", "touch", "rm", "tar", "sleep")


class Programs:
    """A PATH that holds nothing but stand-ins; each notes how it was called."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.notes = folder / "calls"
        folder.mkdir()
        for name in BASICS:
            (folder / name).symlink_to(shutil.which(name) or name)

    def add(self, name: str, body: str = "", *, folder: Path | None = None) -> Path:
        """Put a shell script on PATH; `$self` is the folder of all of them."""
        path = (folder or self.folder) / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f'#!/bin/sh\nself={self.folder}\necho "{name} $*" >>"{self.notes}"\n{body}\n')
        path.chmod(0o755)
        return path

    @property
    def calls(self) -> list[str]:
        """All calls so far, with their arguments."""
        return self.notes.read_text().splitlines() if self.notes.exists() else []

    def called(self, start: str) -> bool:
        """Whether a call begins like that."""
        return any(call.startswith(start) for call in self.calls)


class Site(http.server.ThreadingHTTPServer):
    """The vendor's site: a dictionary of paths."""

    def __init__(self, lock: Path) -> None:
        self.lock = lock
        self.files: dict[str, bytes] = {}
        self.broken = False
        self.asked: list[str] = []
        super().__init__(("127.0.0.1", 0), _Answer)

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self.server_address[1]}"

    def publish(self, version: str, programs: dict[str, str], *, digest: str | None = None) -> None:
        """Offer a release for every kind of processor, and pin it; `digest` replaces the true checksum."""
        archive = _archive(programs)
        checksum = digest or hashlib.sha256(archive).hexdigest()
        for processor in ("x64", "arm64"):
            self.files[f"/releases/sdk/pulumi-v{version}-linux-{processor}.tar.gz"] = archive
        self.lock.write_text(re.sub(r'"[0-9a-f]{64}"', f'"{checksum}"', self.lock.read_text()))


class _Answer(http.server.BaseHTTPRequestHandler):
    server: Site

    def do_GET(self) -> None:
        """Answer with a published file."""
        self.server.asked.append(self.path)
        content = self.server.files.get(self.path)
        self.send_response(404 if content is None else 200)
        self.send_header("Content-Length", str(len(content or b"")))
        self.end_headers()
        self.wfile.write((content or b"")[: 100 if self.server.broken else None])

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the library's name
        """Stay quiet."""


def _archive(programs: dict[str, str]) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as tar:
        for name, text in programs.items():
            member = tarfile.TarInfo(f"pulumi/{name}")
            member.size, member.mode = len(text.encode()), 0o755
            tar.addfile(member, io.BytesIO(text.encode()))
    return buffer.getvalue()


@contextmanager
def serving(lock: Path) -> Iterator[Site]:
    """Run a site until the end of the test."""
    site = Site(lock)
    thread = threading.Thread(target=site.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield site
    finally:
        site.shutdown()
        thread.join()
        site.server_close()


def mode(path: Path) -> int:
    """Permission bits of a file."""
    return path.stat().st_mode & 0o777
