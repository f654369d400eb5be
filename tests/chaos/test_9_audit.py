"""The audit itself: a lost, a refused and an unasked transfer do not escape it."""

import pytest

from tests.chaos.audit import audit
from tests.chaos.conftest import URL, Production
from tests.chaos.load import Ledger, Load, Transfer
from tests.real.engine import eventually


@pytest.mark.short
def test_the_audit_would_see_it(production: Production) -> None:
    """One of each in what the clients believe; the books are as they are."""
    truth = production.ledger
    with Load(URL, production.place, truth):
        eventually(lambda: len(truth.acknowledged) > 1, "two transfers are acknowledged")
    booked, unasked, *_ = truth.acknowledged
    believed = Ledger(truth.sent - {unasked}, {**truth.acknowledged, "lost": Transfer("a", "b", "1.00")}, {booked})
    found = audit(production.cluster, Load(URL, production.place, believed))
    assert (found.acknowledged_lost, found.refused_applied, found.unasked_applied) == (1, 1, 1)
