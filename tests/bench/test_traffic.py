"""What the balancer costs a user: throughput and latency, beside asking the Tomcats straight from the same place."""

import statistics

import pytest

from tests.bench.figures import Results, check, median_difference, median_ratio
from tests.bench.traffic import Traffic
from tests.bench.workspace import Workspace

pytestmark = pytest.mark.bench
# Until the compiler of the JVMs has little left to do, which would take the processors away from everybody else.
WARM_UP_SECONDS = 60
FAST_SECONDS, STEADY_SECONDS = 45, 90


@pytest.fixture(scope="module")
def traffic(workspace: Workspace) -> Traffic:
    """A default stack whose Java code is compiled."""
    cluster = workspace.cluster()
    cluster.up()
    made = Traffic(cluster)
    made.both(WARM_UP_SECONDS)
    return made


def test_balancer(traffic: Traffic, results: Results) -> None:
    """As many requests as are answered; then both ways at half the rate that the Tomcats reach alone."""
    through, straight = traffic.both(FAST_SECONDS)
    ratio = median_ratio(through.per_second, straight.per_second)
    results.record(
        "throughput_ratio", ratio, {"balancer, 1/s": through.per_second, "straight, 1/s": straight.per_second}
    )
    rate = statistics.median(straight.per_second) / 2
    through, straight = traffic.both(STEADY_SECONDS, rate)
    added = median_difference(through.p99_ms, straight.p99_ms)
    results.record(
        "added_p99_ms", added, {f"balancer at {rate:.0f}/s, ms": through.p99_ms, "straight, ms": straight.p99_ms}
    )
    check("throughput_ratio", ratio)
    check("added_p99_ms", added)
