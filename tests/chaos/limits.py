"""What each kind of event may cost: the figures of docs/failure-modes.md, and what of them clients may notice."""

from collections.abc import Collection
from dataclasses import dataclass, replace

from tests.chaos.load import Kind

NOTHING: frozenset[Kind] = frozenset()
EVERYTHING = frozenset(Kind)
# A user's session needs no database.
IN_DATABASE = EVERYTHING - {Kind.SESSION}
# What NGINX does not send again by itself.
POSTS = frozenset({Kind.LOGIN, Kind.WRITE, Kind.REFUSAL})
TRANSFERS = frozenset({Kind.WRITE, Kind.REFUSAL})


@dataclass(frozen=True, kw_only=True)
class Limits:
    """Seconds are not limited where they are 0; nothing that was acknowledged is ever lost."""

    no_write_seconds: float = 0
    longest_request_seconds: float = 0  # what a single client may have to wait for its answer
    redundancy_seconds: float = 0
    planned: bool = False  # redundancy is counted from when writers wait: `up` does other things first
    failed_in_flight: frozenset[Kind] = NOTHING  # of requests that were under way: which may fail
    at_nodes: Collection[str] = ()  # only if these Tomcats had them; none named: wherever
    failed_requests: frozenset[Kind] = NOTHING  # which may fail at any other time
    open_connections: bool = False  # whether each client may lose the connection that it had open
    resent: int = 0  # how often a client's request may cross with the end of its idle connection: HTTP sends it again
    sessions_lost: bool = False  # whether users may have to log in again


# The demo begins anew what was under way in the database: so nothing fails at all.
CRASH = Limits(no_write_seconds=4, longest_request_seconds=5, redundancy_seconds=30)
PATRONI_HANGS = Limits(no_write_seconds=5, longest_request_seconds=6, redundancy_seconds=30)
# Noticed within twelve seconds, then as after a crash.
POSTGRES_HANGS = Limits(no_write_seconds=20, longest_request_seconds=21, redundancy_seconds=45)
# A request that is under way on a server that falls silent is answered later than others.
GONE = Limits(no_write_seconds=25, longest_request_seconds=31)
# PostgreSQL says to its clients what it cannot write any more, then crashes; its start fails, and a standby leads.
FULL_AT_ONCE = Limits(no_write_seconds=8, longest_request_seconds=9, failed_in_flight=TRANSFERS)
# It begins again and again until the one who looks for room has it hand over.
FULL_AND_HANGING = replace(FULL_AT_ONCE, no_write_seconds=15, longest_request_seconds=16)
STANDBYS_GONE = Limits(no_write_seconds=3, longest_request_seconds=4)
# The leader gives standbys up when their connections have timed out.
STANDBYS_SILENT = Limits(no_write_seconds=15, longest_request_seconds=16)

UNNOTICED = Limits(no_write_seconds=1, longest_request_seconds=2)

# Longer than `ttl`: by then the leader's key has expired, and somebody else would lead.
CUT_SECONDS = 24
# Longer than a leader goes on without the quorum (25 s) and a write then waits (70 s): then a client is told to send it
# again.
REFUSING_SECONDS = 105
# Nobody leads until what is missing is back; standbys answer readers all the time.
REFUSED = Limits(
    no_write_seconds=REFUSING_SECONDS + 30,
    longest_request_seconds=REFUSING_SECONDS + 30,
    failed_requests=TRANSFERS,
)
# What was under way on a leader goes with it.
REFUSED_AFTER_CRASH = replace(REFUSED, failed_in_flight=IN_DATABASE)

BALANCER_GONE = Limits(no_write_seconds=3, longest_request_seconds=4, open_connections=True, resent=1)
BALANCER_HANGS = Limits(no_write_seconds=8, longest_request_seconds=8, open_connections=True, resent=1)

PLANNED = Limits(no_write_seconds=3, longest_request_seconds=4)
SWITCHOVER = replace(PLANNED, redundancy_seconds=15, planned=True)
# The others notice a Tomcat that does not come back at once after five seconds (docs/timeouts.md).
FEWER_TOMCATS = Limits(no_write_seconds=6, longest_request_seconds=7)
# NGINX ends idle connections when it is reloaded, and when it gives the address away, which may happen twice.
RELOADED = replace(PLANNED, resent=1)
ADDRESS_MOVES = replace(PLANNED, resent=2)

POWER_CUT = Limits(
    no_write_seconds=40,
    longest_request_seconds=40,
    redundancy_seconds=60,
    failed_requests=EVERYTHING,
    resent=2,
    sessions_lost=True,
)


def tomcats_gone(*nodes: str) -> Limits:
    """A transfer that was under way on one of these may have to be sent again; everything else is answered."""
    return Limits(longest_request_seconds=6, redundancy_seconds=60, failed_in_flight=POSTS, at_nodes=nodes)
