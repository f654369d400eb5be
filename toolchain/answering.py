"""Says where Cyclos answers, as soon as it does: `python -m toolchain.answering URL`."""

import http.client
import sys
import time
import urllib.request

# A Tomcat that the engine has just started again, the machine for instance, is there long before.
PATIENCE_SECONDS = 180
PAUSE_SECONDS = 0.5
# A write of the ledger may be waited for that long (docs/timeouts.md).
ANSWER_SECONDS = 90
# A proxy for the world outside would be asked for addresses of this machine.
STRAIGHT = urllib.request.build_opener(urllib.request.ProxyHandler({}))


def refusal(url: str) -> Exception | None:
    """Why Cyclos does not work for a client there; nothing when it does."""
    try:
        with STRAIGHT.open(f"{url}/api", timeout=ANSWER_SECONDS):
            return None
    except (OSError, http.client.HTTPException) as error:
        return error


def main(url: str, seconds: float = PATIENCE_SECONDS) -> None:
    """Wait for an answer; leave with an error when there is none."""
    deadline = time.monotonic() + seconds
    while (reason := refusal(url)) is not None:
        if time.monotonic() > deadline:
            sys.exit(f"{url} does not answer: {reason}. docker ps shows which container is not healthy.")
        time.sleep(PAUSE_SECONDS)
    print(f"Cyclos answers at {url}")


if __name__ == "__main__":
    main(sys.argv[1])
