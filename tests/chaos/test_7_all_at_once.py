"""Everything stops at once."""

from tests.chaos.limits import POWER_CUT
from tests.chaos.trial import Trial
from tests.real.engine import docker


def test_the_power_is_cut(trial: Trial) -> None:
    """Every container is killed, then started: all that was acknowledged is there. Sessions lived in memory."""
    cluster = trial.cluster
    nodes = sorted(cluster.nodes())

    def cut() -> None:
        docker("kill", *nodes)
        docker("start", *nodes)

    trial.run(cut, POWER_CUT)
