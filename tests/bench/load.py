"""Load generator: the demo's mix of page, transfers and ledger over connections that are kept open.

Runs inside a container on the stack's network (`python3 - PLAN < load.py`), so it needs nothing but Python. The plan
and the answer are JSON. Without `rate` every connection sends as soon as it has its answer; with it requests are due at
fixed times, and each latency counts from the moment a request was due: slow answers are not hidden by waiting for them.

The ways take turns of a second: a checkpoint or a busy neighbour that lasts for seconds meets all of them alike.
"""

import asyncio
import json
import random
import selectors
import sys
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field

PASSWORD = "demo"  # noqa: S105 - the demo package's, in its README
USERS = [
    "alice",
    "bob",
    "carol",
    "dave",
    "erin",
    "frank",
    "grace",
    "heidi",
    "ivan",
    "judy",
    "kevin",
    "laura",
    "mallory",
    "nina",
    "oscar",
    "peggy",
    "quentin",
    "rosa",
    "sybil",
    "trent",
]
KINDS = ("page", "transfer", "ledger")
EXPECTED = {"page": 200, "transfer": 201, "ledger": 200}
SLOWEST = 0.99
# Shorter than the balancer keeps an idle connection to a node: no turn begins with opening them again.
TURN_SECONDS = 1


@dataclass(frozen=True)
class Plan:
    """What to send, on each way as much: to its targets in turn, a session per connection."""

    ways: list[list[str]]  # host:port of each target
    connections: int
    turns: int  # seconds per way
    rate: float = 0  # requests per second over all connections; 0 = as fast as they are answered


@dataclass
class Outcome:
    """What came back."""

    per_second: list[float] = field(default_factory=list)  # of each turn
    p99_ms: list[float] = field(default_factory=list)  # of each turn
    failures: list[str] = field(default_factory=list)
    seconds: float = 0
    cpu_seconds: float = 0  # of the generator itself: near `seconds` means that it is the bottleneck
    nodes: dict[str, int] = field(default_factory=dict)  # sessions per node


class Connection(asyncio.Protocol):
    """One HTTP/1.1 connection, one request at a time."""

    def __init__(self) -> None:
        self._transport: asyncio.Transport | None = None
        self._received = bytearray()
        self._answer: asyncio.Future[bytes] | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the way to send."""
        self._transport = transport  # type: ignore[assignment]

    def data_received(self, data: bytes) -> None:
        """Hand over the answer when its last byte is there."""
        self._received += data
        if self._answer and not self._answer.done() and _complete(self._received):
            self._answer.set_result(bytes(self._received))

    def connection_lost(self, exc: Exception | None) -> None:
        """Let the one who waits know."""
        if self._answer and not self._answer.done():
            self._answer.set_exception(exc or ConnectionError("the server closed the connection"))

    async def ask(self, request: bytes) -> bytes:
        """Send a request, wait for its whole answer."""
        assert self._transport
        self._received.clear()
        self._answer = asyncio.get_running_loop().create_future()
        self._transport.write(request)
        return await self._answer

    def close(self) -> None:
        """End the connection."""
        if self._transport:
            self._transport.close()


def _complete(received: bytearray) -> bool:
    end = received.find(b"\r\n\r\n")
    if end < 0:
        return False
    head = bytes(received[:end]).lower()
    if b"transfer-encoding: chunked" in head:
        return received.endswith(b"0\r\n\r\n")
    length = head.partition(b"content-length:")[2].partition(b"\r\n")[0]
    return len(received) >= end + 4 + int(length or 0)


class Visitor:
    """A logged-in user on one connection."""

    def __init__(self, number: int, target: str) -> None:
        self._host, port = target.split(":")
        self._port = int(port)
        self._user = USERS[number % len(USERS)]
        self._run = f"{random.getrandbits(64):x}"
        self._sent = number  # not every visitor begins with the same kind
        self._cookie = ""
        self._connection = Connection()

    async def log_in(self) -> str:
        """Open the connection and a session; return the node that keeps it."""
        loop = asyncio.get_running_loop()
        _, self._connection = await loop.create_connection(Connection, self._host, self._port)
        body = json.dumps({"user": self._user, "password": PASSWORD})
        answer = (await self._connection.ask(self._request("POST", "/api/session", body))).decode()
        if _status(answer.encode()) != 200:
            raise ConnectionError(f"login failed: {answer}")
        self._cookie = next(
            line.partition(":")[2].partition(";")[0].strip()
            for line in answer.splitlines()
            if line.lower().startswith("set-cookie: jsessionid=")
        )
        return self._cookie.rpartition(".")[2]

    async def next(self) -> str:
        """Send the next request of the mix; return what was wrong with its answer, if anything."""
        kind = KINDS[self._sent % len(KINDS)]
        self._sent += 1
        answer = await self._connection.ask(self._of(kind))
        status = _status(answer)
        return "" if status == EXPECTED[kind] else f"{kind}: {status}"

    def leave(self) -> None:
        """Close the connection."""
        self._connection.close()

    def _of(self, kind: str) -> bytes:
        if kind == "page":
            return self._request("GET", "/")
        if kind == "ledger":
            return self._request("GET", "/api/ledger")
        payee = random.choice([user for user in USERS if user != self._user])  # noqa: S311 - a load, not a secret
        key = f"{self._run}-{self._sent}"
        return self._request(
            "POST", "/api/transfers", json.dumps({"to": payee, "amount": "0.01", "idempotencyKey": key})
        )

    def _request(self, method: str, path: str, body: str = "") -> bytes:
        lines = [f"{method} {path} HTTP/1.1", f"Host: {self._host}:{self._port}", "User-Agent: bench", "Accept: */*"]
        if self._cookie:
            lines.append(f"Cookie: {self._cookie}")
        if body:
            lines += ["Content-Type: application/json", f"Content-Length: {len(body)}"]
        return ("\r\n".join(lines) + "\r\n\r\n" + body).encode()


def _status(answer: bytes) -> int:
    return int(answer[9:12])


def due(plan: Plan, number: int, begin: float) -> Iterator[float]:
    """When one of the connections has to send in a turn; without a rate at once, until the turn is over."""
    if not plan.rate:
        while (now := time.perf_counter()) < begin + TURN_SECONDS:
            yield now
        return
    for place in range(number, int(plan.rate * TURN_SECONDS), plan.connections):
        yield begin + place / plan.rate


class Way:
    """Everybody who asks the same targets."""

    def __init__(self, plan: Plan, targets: list[str]) -> None:
        self._plan = plan
        self._visitors = [Visitor(number, targets[number % len(targets)]) for number in range(plan.connections)]
        self._latencies: list[float] = []  # of the present turn
        self._outcome = Outcome()

    async def log_in(self) -> None:
        """Open every connection and session."""
        for visitor in self._visitors:
            node = await visitor.log_in()
            self._outcome.nodes[node] = self._outcome.nodes.get(node, 0) + 1

    async def turn(self) -> None:
        """Send for a second, wait for all answers."""
        self._latencies = []
        begin, cpu = time.perf_counter(), time.process_time()
        await asyncio.gather(*(self._visit(number, begin) for number in range(self._plan.connections)))
        seconds, found, latencies = time.perf_counter() - begin, self._outcome, sorted(self._latencies)
        found.seconds += seconds
        found.cpu_seconds += time.process_time() - cpu
        found.per_second.append(len(latencies) / seconds)
        found.p99_ms.append(latencies[int(len(latencies) * SLOWEST)] * 1000)

    async def _visit(self, number: int, begin: float) -> None:
        for moment in due(self._plan, number, begin):
            if (early := moment - time.perf_counter()) > 0:
                await asyncio.sleep(early)
            if failure := await self._visitors[number].next():
                self._outcome.failures.append(failure)
            self._latencies.append(time.perf_counter() - moment)

    def leave(self) -> Outcome:
        """Close every connection; return what came back."""
        for visitor in self._visitors:
            visitor.leave()
        del self._outcome.failures[20:]
        return self._outcome


async def run(plan: Plan) -> list[Outcome]:
    """Log everybody in, then measure; an outcome per way."""
    ways = [Way(plan, targets) for targets in plan.ways]
    for way in ways:
        await way.log_in()
    for turn in range(plan.turns):
        # Whoever goes second in one turn goes first in the next.
        for way in ways if turn % 2 else reversed(ways):
            await way.turn()
    return [way.leave() for way in ways]


if __name__ == "__main__":
    # select() waits for microseconds, the default epoll only for whole milliseconds.
    loop = asyncio.SelectorEventLoop(selectors.SelectSelector())
    found = loop.run_until_complete(run(Plan(**json.loads(sys.argv[1]))))
    print(json.dumps([asdict(outcome) for outcome in found]))  # noqa: T201
