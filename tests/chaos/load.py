"""Clients that work while something breaks: writers, users with a session, readers. Every request is kept."""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from types import TracebackType
from typing import Any, Self
from uuid import uuid4

import requests
from urllib3.exceptions import ProtocolError

from tests.chaos.place import Place

# Longer than the balancer waits for a Tomcat: the client never gives up first.
PATIENCE_SECONDS = 90
RETRY_SECONDS = 0.1
# A request crosses with the end of the idle connection that it is sent on: clients of HTTP send it again by themselves
# (RFC 9112, section 9.3.1; browsers whatever the method). Later than this it was not idle.
CROSSED_SECONDS = 0.1
SERVER_ERROR = 500
WRITERS = ("alice", "bob", "carol", "dave")
USERS = ("frank", "grace", "heidi", "ivan", "judy", "kevin")
READERS = ("laura", "mallory")
PAYEE = "trent"
WRITER_PAUSE_SECONDS = 0.08
USER_PAUSE_SECONDS = 0.4
READER_PAUSE_SECONDS = 0.2


class Kind(StrEnum):
    """What a request was for."""

    WRITE = "write"
    SESSION = "session"
    READ = "read"


@dataclass(frozen=True)
class Request:
    """One request, begun and ended on the monotonic clock."""

    kind: Kind
    begun: float
    ended: float
    status: int  # 0: no answer
    client: str
    detail: str = ""  # of a failure

    @property
    def failed(self) -> bool:
        """No answer, or one that says that the server could not."""
        return self.status == 0 or self.status >= SERVER_ERROR


class Load:
    """Clients on threads of their own between `with` and its end."""

    def __init__(self, url: str, place: Place) -> None:
        self.url = url
        self.place = place
        self.requests: list[Request] = []
        self.acknowledged: set[str] = set()  # idempotency keys
        self.refused: set[str] = set()
        self.unknown: set[str] = set()  # never answered
        self.lost_sessions: list[str] = []
        self.began = 0.0
        self._over = threading.Event()
        clients = [
            *(_Client(self, user, self._write, WRITER_PAUSE_SECONDS) for user in WRITERS),
            *(_Client(self, user, self._visit, USER_PAUSE_SECONDS) for user in USERS),
            *(_Client(self, user, self._read, READER_PAUSE_SECONDS) for user in READERS),
        ]
        self.clients = clients
        self._threads = [threading.Thread(target=client.work, args=(self._over,), daemon=True) for client in clients]

    def __enter__(self) -> Self:
        """Begin."""
        self.began = time.monotonic()
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        """Let every client finish what it has begun."""
        self._over.set()
        for thread in self._threads:
            thread.join(2 * PATIENCE_SECONDS)

    def since(self, moment: float) -> list[Request]:
        """Requests that ended after a moment."""
        return [request for request in list(self.requests) if request.ended > moment]

    def flows(self, seconds: float) -> bool:
        """Whether every kind was answered, and nothing failed, in the last seconds."""
        begun = time.monotonic() - seconds
        last = self.since(begun)
        return (
            self.began <= begun
            and {request.kind for request in last} == set(Kind)
            and not any(request.failed for request in last)
        )

    def _write(self, client: "_Client") -> None:
        key = str(uuid4())
        body = {"to": PAYEE, "amount": "0.01", "idempotencyKey": key}
        self.unknown.add(key)
        while True:
            answer = client.ask(Kind.WRITE, "POST", "/api/transfers", body)
            if answer is not None:
                break
            # The outcome is unknown: the same again, until somebody knows.
            time.sleep(RETRY_SECONDS)
        self.unknown.discard(key)
        if answer.ok:
            self.acknowledged.add(key)
            return
        self.refused.add(key)
        if answer.status_code == requests.codes.unauthorized:
            client.is_forgotten()

    def _visit(self, client: "_Client") -> None:
        answer = client.ask(Kind.SESSION, "GET", "/api/session")
        if answer is not None:
            client.is_remembered(answer.json())

    def _read(self, client: "_Client") -> None:
        answer = client.ask(Kind.READ, "GET", "/api/ledger")
        if answer is not None and answer.status_code == requests.codes.unauthorized:
            client.is_forgotten()


class _Client:
    """One user with one session, who does one thing again and again."""

    def __init__(self, load: Load, user: str, act: Callable[["_Client"], None], pause: float) -> None:
        self.load = load
        self.user = user
        self.counter = 0
        self._act = act
        self._pause = pause
        self._http = requests.Session()

    def login(self) -> None:
        """Begin a session."""
        body = {"user": self.user, "password": "demo"}
        self._http.post(f"{self.load.url}/api/session", json=body, timeout=PATIENCE_SECONDS).raise_for_status()
        self.counter = 0

    def work(self, over: threading.Event) -> None:
        """Act until it is over."""
        self.load.place.enter()
        self.login()
        while not over.wait(self._pause):
            self._act(self)

    def ask(self, kind: Kind, method: str, path: str, body: dict[str, str] | None = None) -> requests.Response | None:
        """Send one request and keep it; nothing when it failed."""
        begun = time.monotonic()
        answer = None
        try:
            answer = self._send(method, path, body)
            status, detail = answer.status_code, "" if answer.ok else f"{answer.status_code} {answer.text[:200]}"
        except requests.RequestException as error:
            status, detail = 0, f"{type(error).__name__}: {error}"
        request = Request(kind, begun, time.monotonic(), status, self.user, detail)
        self.load.requests.append(request)
        return None if request.failed else answer

    def _send(self, method: str, path: str, body: dict[str, str] | None) -> requests.Response:
        begun = time.monotonic()
        url = self.load.url + path
        try:
            return self._http.request(method, url, json=body, timeout=PATIENCE_SECONDS)
        except requests.ConnectionError as error:
            crossed = isinstance(error.args[0], ProtocolError) and time.monotonic() - begun < CROSSED_SECONDS
            if not crossed:
                raise
        return self._http.request(method, url, json=body, timeout=PATIENCE_SECONDS)

    def is_remembered(self, state: dict[str, Any]) -> None:
        """Check that the session is still the one that was seen last."""
        if state["user"] != self.user or state["counter"] <= self.counter:
            self.load.lost_sessions.append(f"{self.user} at {self.counter}: {state}")
            self.login()
            return
        self.counter = state["counter"]

    def is_forgotten(self) -> None:
        """The server does not know the session any more."""
        self.load.lost_sessions.append(f"{self.user}: 401")
        self.login()
