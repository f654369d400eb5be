"""A port for a test's own server."""

import contextlib
import random
import socket

# Below every port that Linux gives to outgoing connections (net.ipv4.ip_local_port_range begins at 32768):
# a port that is free now cannot become the near end of somebody's connection before the test listens on it.
RANGE = range(20000, 32000)
# A stack of several balancers takes the ports that follow, too.
IN_A_ROW = 3


def free_port() -> int:
    """Return a port of loopback that nobody listens on, nor on the two that follow."""
    while True:
        first = random.choice(RANGE)  # noqa: S311 (chance, no secret)
        with contextlib.suppress(OSError), contextlib.ExitStack() as held:
            for port in range(first, first + IN_A_ROW):
                held.enter_context(socket.socket()).bind(("127.0.0.1", port))
            return first
