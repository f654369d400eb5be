"""One run of a scenario: a whole cluster, clients at work, the fault, the way back, the audit, the limits."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise

from tests.chaos.audit import audit
from tests.chaos.load import Kind, Load, Request
from tests.chaos.place import Place
from tests.chaos.plot import draw
from tests.chaos.results import Results, Run
from tests.real.cluster import Cluster
from tests.real.engine import docker, eventually

STEADY_SECONDS = 3
# A process that was killed ends, and its connections with it, a moment later.
TAKES_EFFECT_SECONDS = 0.5
HEAL_SECONDS = 240
# A container that crashes earlier than this is started again after twice the pause of the time before, 0.1 s at first.
SETTLED_SECONDS = 10


@dataclass(frozen=True, kw_only=True)
class Limits:
    """What a scenario may cost; nothing that was acknowledged is ever lost."""

    no_write_seconds: float = 0  # 0: not limited
    redundancy_seconds: float = 0  # 0: not limited
    planned: bool = False  # redundancy is counted from when writers wait: `up` does other things first
    failed_in_flight: bool = False  # whether requests that were under way may fail
    open_connections: bool = False  # whether each client may lose the connection that it had open
    failed_requests: bool = False  # whether others may
    sessions_lost: bool = False  # whether users may have to log in again


@dataclass
class Trial:
    """A scenario on the shared cluster."""

    cluster: Cluster
    place: Place
    url: str  # where clients find the cluster
    nodes: frozenset[str]  # containers that are there when nothing is missing
    results: Results
    scenario: str
    timed: bool  # whether times are judged; what is lost or fails always is

    def whole(self) -> bool:
        """Whether no node is missing and all of them work."""
        return self.nodes <= self.cluster.nodes().keys() and self.cluster.works()

    def run(self, fault: Callable[[], object], limits: Limits, heal: Callable[[], object] | None = None) -> None:
        """Break something under load, wait until all is whole again, check everything.

        `heal` is what the operator does, if anything; it belongs to the time until everything is redundant again.
        """
        eventually(self._settled, "every node has run for a while", SETTLED_SECONDS * 2)
        with Load(self.url, self.place) as load:
            eventually(lambda: load.flows(STEADY_SECONDS), "all clients are answered")
            begun = time.monotonic()
            fault()
            happened = time.monotonic()
            if heal is not None:
                eventually(lambda: self._is_served_since(load, happened), "clients are served again", HEAL_SECONDS)
                heal()
            eventually(self.whole, "everything is redundant again", HEAL_SECONDS)
            whole = time.monotonic()
            eventually(lambda: load.flows(STEADY_SECONDS), "all clients are answered again")
        self._judge(load, begun, happened, whole, limits)

    def _settled(self) -> bool:
        started = docker("inspect", "--format", "{{.State.StartedAt}}", *self.nodes).splitlines()
        return max(map(datetime.fromisoformat, started)).timestamp() < time.time() - SETTLED_SECONDS

    def _is_served_since(self, load: Load, moment: float) -> bool:
        return any(request.kind is Kind.WRITE and request.begun > moment for request in load.since(moment))

    def _judge(self, load: Load, begun: float, happened: float, whole: float, limits: Limits) -> None:
        found = audit(self.cluster, load)
        failed = [request for request in load.requests if request.failed]
        in_flight = [request for request in failed if request.begun <= happened + TAKES_EFFECT_SECONDS]
        if limits.open_connections:
            in_flight = list({request.client: request for request in reversed(failed)}.values())
        away = [request for request in failed if request not in in_flight]
        since, until = longest_gap(load.requests)
        run = Run(
            no_write_seconds=until - since,
            acknowledged_lost=found.acknowledged_lost + found.booked_twice,
            unacknowledged_applied=found.unacknowledged_applied,
            failed_requests=len(away),
            failed_in_flight=len(in_flight),
            sessions_lost=len(load.lost_sessions),
            redundancy_seconds=whole - (since if limits.planned else begun),
        )
        if self.results.record(self.scenario, run):
            draw(self.scenario, load.requests, begun, run)
        assert run.acknowledged_lost == 0, "acknowledged transfers are gone, or there twice"
        assert found.refused_applied == 0, "refused transfers were booked"
        assert limits.sessions_lost or not load.lost_sessions, load.lost_sessions
        assert limits.failed_requests or not away, [request.detail for request in away]
        allowed = limits.failed_in_flight or limits.open_connections
        assert allowed or not in_flight, [request.detail for request in in_flight]
        if not self.timed:
            return
        _within("without an acknowledged write", run.no_write_seconds, limits.no_write_seconds)
        _within("until everything was redundant again", run.redundancy_seconds, limits.redundancy_seconds)


def longest_gap(requests: list[Request]) -> tuple[float, float]:
    """Begin and end of the longest time in which no client's write was acknowledged."""
    answered = sorted(request.ended for request in requests if request.kind is Kind.WRITE and not request.failed)
    return max(pairwise(answered), key=lambda gap: gap[1] - gap[0])


def _within(what: str, seconds: float, limit: float) -> None:
    assert not limit or seconds <= limit, f"{seconds:.2f} s {what}, at most {limit:g} s"
