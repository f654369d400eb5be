"""Clients that work while something breaks: writers, users with a session, readers. Every request is kept."""

import threading
import time
from collections.abc import Callable, Collection, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from enum import StrEnum
from http import HTTPStatus
from http.client import HTTPException
from itertools import cycle
from types import TracebackType
from typing import Any, Self
from uuid import uuid4

from tests.chaos.connection import Answer, Connection
from tests.chaos.place import Place

# Longer than the balancer waits for a Tomcat: the client never gives up first.
PATIENCE_SECONDS = 90
RETRY_SECONDS = 0.1
WRITERS = ("alice", "bob", "carol", "dave")
REFUSED = ("erin",)
USERS = ("frank", "grace", "heidi", "ivan", "judy", "kevin")
READERS = ("laura", "mallory")
PAYEE, NOBODY = "trent", "nobody"
AMOUNT, TOO_MUCH = "0.01", "1000000.00"
WRITER_PAUSE_SECONDS = 0.08
USER_PAUSE_SECONDS = 0.4
READER_PAUSE_SECONDS = 0.2
# Two hundred says that an earlier attempt booked the transfer.
BOOKED = frozenset({HTTPStatus.CREATED, HTTPStatus.OK})
FOUND = frozenset({HTTPStatus.OK})
REFUSALS = {
    HTTPStatus.NOT_FOUND: {"to": NOBODY, "amount": AMOUNT},
    HTTPStatus.CONFLICT: {"to": PAYEE, "amount": TOO_MUCH},
}


class Kind(StrEnum):
    """What a request was for."""

    LOGIN = "login"
    WRITE = "write"
    REFUSAL = "refusal"
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
    node: str  # the Tomcat that had the client's session
    opened: float  # when its connection was
    detail: str  # of a failure

    @property
    def failed(self) -> bool:
        """No answer, or one that says that the server could not."""
        return self.status == 0 or self.status >= HTTPStatus.INTERNAL_SERVER_ERROR

    @property
    def acknowledged(self) -> bool:
        """Whether it confirmed a transfer."""
        return self.kind is Kind.WRITE and self.status in BOOKED


@dataclass(frozen=True)
class Transfer:
    """What a client asked for."""

    payer: str
    payee: str
    amount: str


@dataclass(frozen=True)
class Ledger:
    """Transfers by their idempotency keys, as the clients of all runs on a cluster remember them."""

    sent: set[str] = field(default_factory=set)
    acknowledged: dict[str, Transfer] = field(default_factory=dict)
    refused: set[str] = field(default_factory=set)


class Load:
    """Clients on threads of their own between `with` and its end."""

    def __init__(self, url: str, place: Place, ledger: Ledger) -> None:
        self.place = place
        self.ledger = ledger
        self.requests: list[Request] = []
        self.unknown: set[str] = set()  # keys without an answer
        self.booked_before = 0  # transfers that only an attempt after the booking one confirmed
        self.lost_sessions: list[str] = []
        self.surprises: list[str] = []  # answers that nothing explains, whatever is broken
        self.read_from_leader: list[float] = []  # when
        self.over = threading.Event()
        self._refusals = cycle(REFUSALS.items())
        self._began = 0.0
        self.clients = [
            *(_Client(self, url, user, self._write, WRITER_PAUSE_SECONDS) for user in WRITERS),
            *(_Client(self, url, user, self._refuse, READER_PAUSE_SECONDS) for user in REFUSED),
            *(_Client(self, url, user, self.visit, USER_PAUSE_SECONDS) for user in USERS),
            *(_Client(self, url, user, self._read, READER_PAUSE_SECONDS) for user in READERS),
        ]
        self._threads = ThreadPoolExecutor(len(self.clients))
        self._work: list[Future[None]] = []

    def __enter__(self) -> Self:
        """Begin."""
        self._began = time.monotonic()
        self._work = [self._threads.submit(client.work) for client in self.clients]
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        """Let every client finish what it has begun."""
        self.over.set()
        self._threads.shutdown()
        if kind is None:
            self._all_live()

    def since(self, moment: float) -> list[Request]:
        """Requests that ended after a moment."""
        return [request for request in list(self.requests) if request.ended > moment]

    def flows(self, seconds: float) -> bool:
        """Whether every kind was answered, and nothing failed, in the last seconds."""
        self._all_live()
        begun = time.monotonic() - seconds
        last = self.since(begun)
        return (
            self._began <= begun
            and {request.kind for request in last} >= set(Kind) - {Kind.LOGIN}
            and not any(request.failed for request in last)
        )

    def flows_as_usual(self, seconds: float) -> bool:
        """Whether in the last seconds standbys answered all reads besides."""
        begun = time.monotonic() - seconds
        return self.flows(seconds) and not any(moment > begun for moment in self.read_from_leader)

    def _all_live(self) -> None:
        """Raise what a client died of."""
        for work in self._work:
            if work.done():
                work.result()

    def _write(self, client: "_Client") -> None:
        key = self._new_key()
        self.unknown.add(key)
        body = {"to": PAYEE, "amount": AMOUNT, "idempotencyKey": key}
        answer = client.insist(Kind.WRITE, "/api/transfers", body, BOOKED)
        if answer is None:
            return
        self.unknown.discard(key)
        if answer.status in BOOKED:
            self.ledger.acknowledged[key] = Transfer(client.user, PAYEE, AMOUNT)
        if answer.status == HTTPStatus.OK:
            self.booked_before += 1

    def _new_key(self) -> str:
        key = str(uuid4())
        self.ledger.sent.add(key)
        return key

    def _refuse(self, client: "_Client") -> None:
        key = self._new_key()
        self.ledger.refused.add(key)
        status, wish = next(self._refusals)
        client.insist(Kind.REFUSAL, "/api/transfers", {**wish, "idempotencyKey": key}, {status})

    def visit(self, client: "_Client") -> None:
        """Ask who one is, and how often one has asked."""
        answer = client.ask(Kind.SESSION, "GET", "/api/session")
        if answer is not None:
            client.is_remembered(answer.json())

    def _read(self, client: "_Client") -> None:
        answer = client.ask(Kind.READ, "GET", "/api/ledger")
        if answer is None:
            return
        books = answer.json()
        if float(books["total"]) != 0:
            self.surprises.append(f"the books that {client.user} read do not add up: {books['total']}")
        if not books["standby"]:
            self.read_from_leader.append(time.monotonic())


class _Client:
    """One user with one session, who does one thing again and again."""

    def __init__(self, load: Load, url: str, user: str, act: Callable[["_Client"], None], pause: float) -> None:
        self.load = load
        self.user = user
        self.connection = Connection(url, PATIENCE_SECONDS)
        self.counter = 0
        self._act = act
        self._pause = pause

    def work(self) -> None:
        """Act until it is over."""
        self.load.place.enter()
        self._login()
        while not self.load.over.wait(self._pause):
            self._act(self)
        # Whatever it was that a client did: in the end it still knows its user.
        self.load.visit(self)
        if self.counter == 0:  # it did not, and has logged in again
            self.load.visit(self)

    def insist(self, kind: Kind, path: str, body: Mapping[str, str], expected: Collection[int]) -> Answer | None:
        """Send the same again until somebody knows the outcome; nothing when all is over before."""
        while (answer := self.ask(kind, "POST", path, body, expected)) is None:
            if self.load.over.wait(RETRY_SECONDS):
                break
        return answer

    def ask(
        self,
        kind: Kind,
        method: str,
        path: str,
        body: Mapping[str, str] | None = None,
        expected: Collection[int] = FOUND,
    ) -> Answer | None:
        """Send one request and keep it; nothing when it failed, or when the session was lost and begun anew."""
        begun = time.monotonic()
        node = self.connection.node
        try:
            answer = self.connection.send(method, path, body)
            detail = f"{method} {path}: {answer.status} {answer.text[:200]}"
        except (OSError, HTTPException) as error:
            answer = Answer(0, "")
            detail = f"{method} {path}: {type(error).__name__}: {error}"
        opened = self.connection.opened
        request = Request(kind, begun, time.monotonic(), answer.status, self.user, node, opened, detail)
        self.load.requests.append(request)
        if request.failed:
            return None
        if answer.status == HTTPStatus.UNAUTHORIZED and kind is not Kind.LOGIN:
            self._is_forgotten("401")
            return None
        if answer.status not in expected:
            self.load.surprises.append(detail)
        return answer

    def is_remembered(self, state: dict[str, Any]) -> None:
        """Check that the session is still the one that was seen last."""
        if state["user"] != self.user or state["counter"] <= self.counter:
            self._is_forgotten(f"at {self.counter}: {state}")
        else:
            self.counter = state["counter"]

    def _is_forgotten(self, detail: str) -> None:
        """The server does not know the session any more."""
        self.load.lost_sessions.append(f"{self.user}: {detail}")
        self._login()

    def _login(self) -> None:
        body = {"user": self.user, "password": "demo"}
        self.counter = 0
        self.insist(Kind.LOGIN, "/api/session", body, FOUND)
