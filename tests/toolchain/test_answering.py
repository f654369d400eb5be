"""What `make up` says at its end is true."""

import http.server
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from tests.support.ports import free_port
from toolchain.answering import main


class Balancer(http.server.BaseHTTPRequestHandler):
    """Answers with the next of these, with the last one for ever."""

    statuses: list[int]

    def do_GET(self) -> None:
        """The only question is whether the database answers, too."""
        known = self.path == "/api"
        self.send_response(404 if not known else self.statuses.pop(0) if self.statuses[1:] else self.statuses[0])
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class names it so
        """Keep the test's output clean."""


@contextmanager
def balancer(*statuses: int) -> Iterator[str]:
    """A server on this machine."""
    handler = type("Handler", (Balancer,), {"statuses": list(statuses)})
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_address[1]}"
        server.shutdown()


def test_it_is_said_when_it_is_true(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """Tomcats that start are waited for; a proxy for the world outside is not asked."""
    monkeypatch.setenv("http_proxy", f"http://127.0.0.1:{free_port()}")
    with balancer(502, 503, 200) as url:
        main(url)
    assert capsys.readouterr().out == f"Cyclos answers at {url}\n"


def test_an_error_is_not_taken_for_an_answer(capsys: pytest.CaptureFixture[str]) -> None:
    """It is named, with a way to go on."""
    with balancer(502) as url, pytest.raises(SystemExit, match="does not answer: HTTP Error 502: Bad Gateway"):
        main(url, seconds=1)
    assert capsys.readouterr().out == ""


def test_silence_is_not_taken_for_an_answer() -> None:
    """Nobody listens."""
    with pytest.raises(SystemExit, match="Connection refused"):
        main(f"http://127.0.0.1:{free_port()}", seconds=0)
