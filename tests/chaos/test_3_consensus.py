"""The consensus store loses members."""

from tests.chaos import faults
from tests.chaos.trial import Limits, Trial
from tests.real.engine import docker

UNNOTICED = Limits(no_write_seconds=4)


def test_a_member_is_gone(trial: Trial) -> None:
    """With its data; `pulumi up` makes it again, and it joins as a new one."""
    cluster = trial.cluster
    trial.run(lambda: faults.remove(cluster, "etcd-1", data=True), UNNOTICED, heal=cluster.up)


def test_the_quorum_is_lost_and_comes_back(trial: Trial) -> None:
    """The leader goes on as long as it reaches all other nodes; none of them could lead beside it."""
    cluster = trial.cluster
    most = [cluster.container(node) for node in ("etcd-1", "etcd-2")]
    trial.run(lambda: docker("kill", *most), UNNOTICED, heal=lambda: docker("start", *most))
