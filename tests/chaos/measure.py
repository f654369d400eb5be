"""What the clients of a run saw, as figures."""

import time
from collections import Counter
from dataclasses import dataclass, field
from itertools import pairwise
from math import inf

from tests.chaos.audit import Audit
from tests.chaos.limits import Limits
from tests.chaos.load import Load, Request
from tests.chaos.results import Run

# A process that was killed ends, and its connections with it, a moment later.
TAKES_EFFECT_SECONDS = 0.5


@dataclass
class Moments:
    """When a fault began, when it had happened, and when everything was redundant again, on the monotonic clock."""

    begun: float = field(default_factory=time.monotonic)
    happened: float = field(default_factory=time.monotonic)
    whole: float = 0  # not yet


@dataclass(frozen=True)
class Measured:
    """The figures of one run, and the requests behind them."""

    run: Run
    in_flight: list[Request]  # those that failed under way when it happened, where that is an excuse
    away: list[Request]  # those that failed at any other time
    resent: Counter[str]  # by client


def measure(load: Load, found: Audit, moments: Moments, limits: Limits) -> Measured:
    """Count and time; nothing is judged."""
    failed = [request for request in load.requests if request.failed]
    in_flight = _in_flight(failed, moments, limits)
    away = [request for request in failed if request not in in_flight]
    since, until = longest_gap(load.requests)
    # Of something planned, which does other things before.
    waits = longest_gap(load.requests, moments.begun, moments.happened)[0] if limits.planned else moments.begun
    resent = Counter({client.user: client.connection.resent for client in load.clients})
    run = Run(
        no_write_seconds=until - since,
        longest_request_seconds=max(request.ended - request.begun for request in load.requests),
        acknowledged_lost=found.acknowledged_lost,
        unacknowledged_applied=load.booked_before + found.unknown_applied,
        failed_requests=len(away),
        failed_in_flight=len(in_flight),
        sessions_lost=len(load.lost_sessions),
        redundancy_seconds=moments.whole - waits,
        resent=resent.total(),
    )
    return Measured(run, in_flight, away, resent)


def longest_gap(requests: list[Request], after: float = 0, before: float = inf) -> tuple[float, float]:
    """Begin and end of the longest time in which no client's write was acknowledged, of those that began in between."""
    answered = sorted(request.ended for request in requests if request.acknowledged)
    gaps = (gap for gap in pairwise(answered) if after <= gap[0] <= before)
    return max(gaps, key=lambda gap: gap[1] - gap[0], default=(after, after))


def _in_flight(failed: list[Request], moments: Moments, limits: Limits) -> list[Request]:
    taken_effect = moments.happened + TAKES_EFFECT_SECONDS
    if limits.open_connections:
        # Of every kind: the connection is the excuse.
        return [one for one in failed if one.ended >= moments.begun and one.opened <= taken_effect]
    return [
        request
        for request in failed
        if request.begun <= taken_effect
        and request.ended >= moments.begun
        and request.kind in limits.failed_in_flight
        and (not limits.at_nodes or request.node in limits.at_nodes)
    ]
