"""One run of a scenario: a whole cluster, clients at work, the fault, the way back, the audit, the limits."""

import time
from collections import Counter
from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise

from tests.chaos.audit import ask, audit
from tests.chaos.load import REFUSALS, Kind, Ledger, Load, Request
from tests.chaos.place import Place
from tests.chaos.plot import draw
from tests.chaos.results import Results, Run
from tests.real.cluster import Cluster
from tests.real.engine import docker, eventually, wait_since

STEADY_SECONDS = 1
# A process that was killed ends, and its connections with it, a moment later.
TAKES_EFFECT_SECONDS = 0.5
HEAL_SECONDS = 240
# A request under way on a server that falls silent is answered at most so much later than others.
SILENCE_SECONDS = 6
# A container that crashes again earlier than this is started after twice the pause of the time before, 0.1 s at first.
SETTLED_SECONDS = 10
# Until new connections of readers go to standbys: a second or two, and a minute when the driver believed old news.
NEW_READERS_SECONDS = 15

NOTHING: frozenset[Kind] = frozenset()
EVERYTHING = frozenset(Kind)
# A user's session needs no database.
IN_DATABASE = EVERYTHING - {Kind.SESSION}


@dataclass(frozen=True, kw_only=True)
class Limits:
    """What a scenario may cost; nothing that was acknowledged is ever lost."""

    no_write_seconds: float = 0  # 0: not limited
    longest_request_seconds: float = 0  # 0: `SILENCE_SECONDS` more than that, where that is limited
    redundancy_seconds: float = 0  # 0: not limited
    planned: bool = False  # redundancy is counted from when writers wait: `up` does other things first
    failed_in_flight: frozenset[Kind] = NOTHING  # of requests that were under way: which may fail
    at_nodes: Collection[str] = ()  # only if these Tomcats had them; none named: wherever
    failed_requests: frozenset[Kind] = NOTHING  # which may fail at any other time
    open_connections: bool = False  # whether each client may lose the connection that it had open
    resent: int = 0  # how often a client's request may cross with the end of its idle connection: HTTP sends it again
    sessions_lost: bool = False  # whether users may have to log in again

    @property
    def longest_request(self) -> float:
        """What a single client may have to wait for its answer, in seconds; 0: not limited."""
        others = self.no_write_seconds
        return self.longest_request_seconds or (others + SILENCE_SECONDS if others else 0)


@dataclass
class Trial:
    """A scenario on the shared cluster."""

    cluster: Cluster
    place: Place
    url: str  # where clients find the cluster
    nodes: frozenset[str]  # containers that are there when nothing is missing
    ledger: Ledger
    results: Results
    scenario: str
    number: int  # of this run of the scenario
    timed: bool  # whether times are judged; what is lost or fails always is

    def victims(self, tier: str) -> list[str]:
        """The nodes of a tier, another one first in each run."""
        nodes = self.cluster.tier(tier)
        first = self.number % len(nodes)
        return [*nodes[first:], *nodes[:first]]

    def whole(self) -> bool:
        """Whether no node is missing, all of them work, and one of the balancers has the shared address."""
        cluster = self.cluster
        return (
            self.nodes <= cluster.nodes().keys()
            and cluster.works()
            and len(cluster.holders(cluster.settings["balancer.virtualIp"])) == 1
        )

    def run(
        self,
        fault: Callable[[], object],
        limits: Limits,
        heal: Callable[[], object] | None = None,
        hold_seconds: float = 0,
    ) -> list[Request]:
        """Break something under load, wait until all is whole again, check everything; what the clients sent.

        `heal` is what the operator does, if anything, as soon as clients are served again or after so many seconds; it
        belongs to the time until everything is redundant again.
        """
        eventually(self._settled, "every node that has crashed has run for a while", SETTLED_SECONDS * 2)
        eventually(self._readers_use_standbys, "every Tomcat reads from a standby", NEW_READERS_SECONDS)
        with Load(self.url, self.place, self.ledger) as load:
            eventually(lambda: load.flows_as_usual(STEADY_SECONDS), "all clients are answered, readers by standbys")
            begun = time.monotonic()
            fault()
            happened = time.monotonic()
            if heal is not None:
                _await_healer(load, happened, hold_seconds)
                heal()
            eventually(self.whole, "everything is redundant again", HEAL_SECONDS)
            whole = time.monotonic()
            eventually(lambda: load.flows(STEADY_SECONDS), "all clients are answered again")
        self._judge(load, begun, happened, whole, limits)
        return load.requests

    def _settled(self) -> bool:
        states = docker("inspect", "--format", "{{.State.StartedAt}} {{.RestartCount}}", *self.cluster.nodes())
        crashed = [started for started, crashes in map(str.split, states.splitlines()) if int(crashes)]
        latest = max(map(datetime.fromisoformat, crashed), default=None)
        return latest is None or latest.timestamp() < time.time() - SETTLED_SECONDS

    def _readers_use_standbys(self) -> bool:
        """Connections of readers to a node that leads by now would live for up to a minute: end them, then ask."""
        leader = self.cluster.leader()
        self.cluster.sql(leader, "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'cyclos'")
        return all(ask(self.cluster, tomcat, "/api/ledger")["standby"] for tomcat in self.cluster.tier("tomcat"))

    def _judge(self, load: Load, begun: float, happened: float, whole: float, limits: Limits) -> None:
        found = audit(self.cluster, load)
        failed = [request for request in load.requests if request.failed]
        in_flight = _in_flight(failed, begun, happened, limits)
        away = [request for request in failed if request not in in_flight]
        since, until = longest_gap(load.requests)
        resent = Counter({client.user: client.connection.resent for client in load.clients})
        run = Run(
            no_write_seconds=until - since,
            longest_request_seconds=max(request.ended - request.begun for request in load.requests),
            acknowledged_lost=found.acknowledged_lost + found.booked_twice,
            unacknowledged_applied=load.booked_before + found.unknown_applied,
            failed_requests=len(away),
            failed_in_flight=len(in_flight),
            sessions_lost=len(load.lost_sessions),
            redundancy_seconds=whole - (since if limits.planned else begun),
            resent=resent.total(),
        )
        if self.results.record(self.scenario, run):
            draw(self.results.folder, self.scenario, load.requests, begun, run)
        assert run.acknowledged_lost == 0, "acknowledged transfers are gone, or there twice"
        assert found.refused_applied == 0, "refused transfers were booked"
        _answers_make_sense(load)
        assert limits.sessions_lost or not load.lost_sessions, load.lost_sessions
        forbidden = [request for request in away if request.kind not in limits.failed_requests]
        assert not forbidden, forbidden
        assert all(times <= limits.resent for times in resent.values()), f"sent again: {+resent}"
        if limits.open_connections:
            lost = Counter(request.client for request in in_flight)
            assert all(times == 1 for times in lost.values()), f"more than a connection: {lost}"
        if self.timed:
            _within("without an acknowledged write", run.no_write_seconds, limits.no_write_seconds)
            _within("in the longest request", run.longest_request_seconds, limits.longest_request)
            _within("until everything was redundant again", run.redundancy_seconds, limits.redundancy_seconds)


def longest_gap(requests: list[Request]) -> tuple[float, float]:
    """Begin and end of the longest time in which no client's write was acknowledged."""
    answered = sorted(request.ended for request in requests if request.acknowledged)
    return max(pairwise(answered), key=lambda gap: gap[1] - gap[0])


def _await_healer(load: Load, happened: float, hold_seconds: float) -> None:
    def is_served() -> bool:
        return any(request.acknowledged and request.begun > happened for request in load.since(happened))

    if hold_seconds:
        wait_since(happened, hold_seconds)
    else:
        eventually(is_served, "clients are served again", HEAL_SECONDS)


def _in_flight(failed: list[Request], begun: float, happened: float, limits: Limits) -> list[Request]:
    """Those that the fault met under way, where that is an excuse."""
    if limits.open_connections:
        # Of every kind: the connection is the excuse.
        return [one for one in failed if one.ended >= begun and one.opened <= happened + TAKES_EFFECT_SECONDS]
    return [
        request
        for request in failed
        if request.begun <= happened + TAKES_EFFECT_SECONDS
        and request.ended >= begun
        and request.kind in limits.failed_in_flight
        and (not limits.at_nodes or request.node in limits.at_nodes)
    ]


def _answers_make_sense(load: Load) -> None:
    assert not load.surprises, load.surprises
    refused = {request.status for request in load.requests if request.kind is Kind.REFUSAL}
    assert refused >= REFUSALS.keys(), f"transfers that had to be refused were answered with {refused}"


def _within(what: str, seconds: float, limit: float) -> None:
    assert not limit or seconds <= limit, f"{seconds:.2f} s {what}, at most {limit:g} s"
