"""One run of a scenario: a whole cluster, clients at work, the fault, the way back, the audit, the limits."""

import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass

from tests.chaos.audit import Audit, ask, audit
from tests.chaos.limits import Limits
from tests.chaos.load import REFUSALS, Kind, Ledger, Load, Request
from tests.chaos.measure import Measured, Moments, measure
from tests.chaos.place import Place
from tests.chaos.plot import draw
from tests.chaos.results import Results
from tests.real.cluster import Cluster
from tests.real.engine import eventually, wait_since

STEADY_SECONDS = 1
HEAL_SECONDS = 240
# Until new connections of readers go to standbys: a second or two, and a minute when the driver believed old news.
NEW_READERS_SECONDS = 15
END_READERS = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'read-only'"


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
        eventually(self._readers_use_standbys, "every Tomcat reads from a standby", NEW_READERS_SECONDS)
        load, moments = Load(self.url, self.place, self.ledger), Moments()
        try:
            with load:
                eventually(lambda: load.flows_as_usual(STEADY_SECONDS), "all clients are answered, readers by standbys")
                moments = Moments()
                fault()
                moments.happened = time.monotonic()
                # By what the clients see: asking the nodes all the time would take processors from them.
                _await_service(load, moments.happened, hold_seconds)
                if heal is not None:
                    heal()
                    _await_service(load, time.monotonic())
                eventually(self.whole, "everything is redundant again", HEAL_SECONDS)
                moments.whole = time.monotonic()
                eventually(lambda: load.flows(STEADY_SECONDS), "all clients are answered again")
        finally:
            # Bad runs, too.
            moments.whole = moments.whole or time.monotonic()
            found = audit(self.cluster, load)
            measured = measure(load, found, moments, limits)
            if self.results.record(self.scenario, measured.run):
                draw(self.results.folder, self.scenario, load.requests, moments.begun, measured.run)
        self._judge(load, found, measured, limits)
        return load.requests

    def _readers_use_standbys(self) -> bool:
        """Connections of readers to a node that leads by now would live for up to a minute: end them, then ask."""
        leader = self.cluster.leader()
        self.cluster.sql(leader, END_READERS)
        return all(ask(self.cluster, tomcat, "/api/ledger")["standby"] for tomcat in self.cluster.tier("tomcat"))

    def _judge(self, load: Load, found: Audit, measured: Measured, limits: Limits) -> None:
        run = measured.run
        assert run.acknowledged_lost == 0, "acknowledged transfers are gone, or there as something else"
        assert found.refused_applied == 0, "refused transfers were booked"
        assert found.unasked_applied == 0, "transfers were booked that no client has sent"
        assert found.booked_again == 0, "transfers were booked twice"
        assert not found.disagreements, found.disagreements
        _answers_make_sense(load)
        assert limits.sessions_lost or not load.lost_sessions, load.lost_sessions
        forbidden = [request for request in measured.away if request.kind not in limits.failed_requests]
        assert not forbidden, forbidden
        assert all(times <= limits.resent for times in measured.resent.values()), f"sent again: {+measured.resent}"
        if limits.open_connections:
            lost = Counter(request.client for request in measured.in_flight)
            assert all(times == 1 for times in lost.values()), f"more than a connection: {lost}"
        if self.timed:
            _within("without an acknowledged write", run.no_write_seconds, limits.no_write_seconds)
            _within("in the longest request", run.longest_request_seconds, limits.longest_request_seconds)
            _within("until everything was redundant again", run.redundancy_seconds, limits.redundancy_seconds)


def _await_service(load: Load, since: float, hold_seconds: float = 0) -> None:
    def is_served() -> bool:
        return any(request.acknowledged and request.begun > since for request in load.since(since))

    if hold_seconds:
        wait_since(since, hold_seconds)
    else:
        eventually(is_served, "clients are served again", HEAL_SECONDS)


def _answers_make_sense(load: Load) -> None:
    assert not load.surprises, load.surprises
    refused = {request.status for request in load.requests if request.kind is Kind.REFUSAL}
    assert refused >= REFUSALS.keys(), f"transfers that had to be refused were answered with {refused}"


def _within(what: str, seconds: float, limit: float) -> None:
    assert not limit or seconds <= limit, f"{seconds:.2f} s {what}, at most {limit:g} s"
