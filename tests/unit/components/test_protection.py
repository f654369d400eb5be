"""What stands between a protected stack and `pulumi destroy`."""

from core.policy import PROTECTION
from tests.support.recorder import Recording
from tests.support.stacks import Deployed, deployed, stack_of


def test_nothing_is_deleted_before_it(each: Deployed) -> None:
    """Pulumi deletes what others need after those; whatever it could begin with would be gone before the refusal."""
    assert below(each.recording) == {found.name for found in each.recording.resources}


def test_a_named_leader_is_no_exception() -> None:
    """It has a command of its own."""
    recording = deployed(stack_of({"postgres": '{"leader": "postgres-2"}'})).recording
    assert below(recording) == {found.name for found in recording.resources}


def below(recording: Recording) -> set[str]:
    """Names of all that the guard needs, directly or not, and its own."""
    resources = recording.resources
    needs: dict[str, set[str]] = {found.name: set() for found in resources}
    for found in resources:
        needs[found.name] |= {*found.options.depends_on, found.options.parent, found.options.provider} & needs.keys()
    reached: set[str] = set()
    reach = set(recording.named(PROTECTION))
    while reach:
        reached |= reach
        reach = set().union(*(needs[name] for name in reach)) - reached
    return reached
