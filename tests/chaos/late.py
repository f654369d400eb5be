"""Makes packets late: `python late.py MILLISECONDS` in a network namespace holds back whatever its rules queue.

What netem does where a kernel has it; a queue of netfilter is in every kernel that Docker runs on. Ends with its input.
"""

import select
import socket
import struct
import sys
import time
from collections import deque

# linux/netfilter/nfnetlink.h, nfnetlink_queue.h
NETLINK_NETFILTER, SUBSYSTEM = 12, 3 << 8
PACKET, CONFIG, VERDICT_OF_ALL_UP_TO = 0, 2, 3
COMMAND, PARAMETERS, LONGEST, VERDICT = 1, 2, 3, 2  # attributes
BIND, HEADERS_ONLY, ACCEPT = 1, 1, 1
REQUEST = 1
HEADER, SUBHEADER, ATTRIBUTE = struct.Struct("=IHHII"), struct.Struct("=BBH"), struct.Struct("=HH")
QUEUED_PACKETS = 100_000
BUFFER = 1 << 20


def message(kind: int, attribute: int, payload: bytes) -> bytes:
    """One message about queue 0 with one attribute."""
    padding = bytes(-len(payload) % 4)
    body = SUBHEADER.pack(socket.AF_UNSPEC, 0, 0) + ATTRIBUTE.pack(ATTRIBUTE.size + len(payload), attribute)
    body += payload + padding
    return HEADER.pack(HEADER.size + len(body), SUBSYSTEM | kind, REQUEST, 0, 0) + body


def numbers(answers: bytes) -> list[int]:
    """Numbers of the packets that the kernel tells of, its first attribute; they grow."""
    found = []
    while answers:
        length, kind, *_ = HEADER.unpack_from(answers)
        if kind == SUBSYSTEM | PACKET:
            found.append(struct.unpack_from("!I", answers, HEADER.size + SUBHEADER.size + ATTRIBUTE.size)[0])
        answers = answers[length + -length % 4 :]
    return found


def hold_back(seconds: float) -> None:
    """Let each packet go when it has waited for so long."""
    with socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, NETLINK_NETFILTER) as queue:
        queue.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, BUFFER)
        queue.send(message(CONFIG, COMMAND, struct.pack("!BxH", BIND, socket.AF_INET)))
        queue.send(message(CONFIG, PARAMETERS, struct.pack("!IB", 0, HEADERS_ONLY)))
        queue.send(message(CONFIG, LONGEST, struct.pack("!I", QUEUED_PACKETS)))
        waiting: deque[tuple[float, int]] = deque()
        while True:
            pause = max(0, waiting[0][0] - time.monotonic()) if waiting else None
            readable, _, _ = select.select([queue, sys.stdin], [], [], pause)
            if sys.stdin in readable:
                return
            if queue in readable:
                due = time.monotonic() + seconds
                waiting.extend((due, number) for number in numbers(queue.recv(BUFFER)))
            last = None
            while waiting and waiting[0][0] <= time.monotonic():
                _, last = waiting.popleft()
            if last is not None:
                queue.send(message(VERDICT_OF_ALL_UP_TO, VERDICT, struct.pack("!II", ACCEPT, last)))


if __name__ == "__main__":
    hold_back(int(sys.argv[1]) / 1000)
