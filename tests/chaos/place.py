"""Where the clients are: on the stack's own network, from which they reach the address that the balancers share."""

import ctypes
import os
from pathlib import Path

from tests.real.cluster import Cluster
from tests.real.engine import LABEL, docker, inspect

CLONE_NEWNET = 0x40000000


class Place:
    """A network namespace of its own, held by a container that does nothing."""

    def __init__(self, cluster: Cluster) -> None:
        image = inspect(cluster.container("balancer-1"))["Config"]["Image"]
        self.container = docker(
            "run", "--detach", "--init", "--label", f"{LABEL}={cluster.label}",
            "--network", f"{cluster.label}-network", "--entrypoint", "sleep", image, "infinity",
        )  # fmt: skip
        self._namespace = Path("/proc") / str(inspect(self.container)["State"]["Pid"]) / "ns" / "net"

    def leave(self) -> None:
        """Let the network go."""
        docker("rm", "--force", self.container)

    def enter(self) -> None:
        """Move the calling thread, and no other, into the namespace, for good."""
        with self._namespace.open() as opened:
            if ctypes.CDLL(None, use_errno=True).setns(opened.fileno(), CLONE_NEWNET) != 0:
                raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
