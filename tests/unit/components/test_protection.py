"""What stands between a protected stack and `pulumi destroy`."""

from core.policy import PROTECTION
from tests.support.stacks import Deployed


def test_nothing_is_deleted_before_it(each: Deployed) -> None:
    """Pulumi deletes what others need after those; whatever it could begin with would be gone before the refusal."""
    resources = each.recording.resources
    needs: dict[str, set[str]] = {found.name: set() for found in resources}
    for found in resources:
        needs[found.name] |= {*found.options.depends_on, found.options.parent, found.options.provider} & needs.keys()
    (guard,) = each.recording.named(PROTECTION)
    reached, reach = set(), {guard}
    while reach:
        reached |= reach
        reach = set().union(*(needs[name] for name in reach)) - reached
    assert reached == needs.keys()
