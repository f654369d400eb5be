"""What the balancer costs a user: throughput and latency, beside asking the Tomcats straight from the same place."""

import statistics

import pytest

from tests.bench.figures import Results, check, interleaved, median_difference, median_ratio
from tests.bench.traffic import Traffic
from tests.bench.workspace import Workspace

pytestmark = pytest.mark.bench
WARM_UP_SECONDS = 30
# The p99 of a few seconds differs by milliseconds each time: of seven rounds the median was anything from -0.3 to 3.4.
ROUNDS = 11
SECONDS = 8


@pytest.fixture(scope="module")
def traffic(workspace: Workspace) -> Traffic:
    """A default stack whose Java code is compiled: both ways were warmed up."""
    cluster = workspace.cluster()
    cluster.up()
    made = Traffic(cluster)
    made.straight(WARM_UP_SECONDS)
    made.through_balancer(WARM_UP_SECONDS)
    return made


def test_balancer(traffic: Traffic, results: Results) -> None:
    """As many requests as are answered; then both ways at half the rate that the Tomcats reach alone."""
    ours, theirs = interleaved(
        ROUNDS, lambda: traffic.through_balancer(SECONDS).per_second, lambda: traffic.straight(SECONDS).per_second
    )
    ratio = median_ratio(ours, theirs)
    results.record("throughput_ratio", ratio, {"balancer, 1/s": ours, "straight, 1/s": theirs})
    rate = statistics.median(theirs) / 2
    ours, theirs = interleaved(
        ROUNDS,
        lambda: traffic.through_balancer(SECONDS, rate).p99_ms,
        lambda: traffic.straight(SECONDS, rate).p99_ms,
    )
    added = median_difference(ours, theirs)
    results.record("added_p99_ms", added, {f"balancer at {rate:.0f}/s, ms": ours, "straight, ms": theirs})
    check("throughput_ratio", ratio)
    check("added_p99_ms", added)
