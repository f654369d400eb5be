"""pg_resetwal is refused wherever it could destroy something, and nothing is touched then."""

import pytest

from tests.real.engine import shell

DIRECTORY = "/tmp/data"  # noqa: S108 - inside a throw-away container
SERVER = f"pg_ctl -D {DIRECTORY} -w -o '-c listen_addresses= -c unix_socket_directories=/tmp'"


@pytest.fixture
def box(box: str) -> str:
    """With a clean, stopped database."""
    shell(box, f"initdb -D {DIRECTORY} > /dev/null")
    return box


def fingerprint(box: str) -> str:
    """Digest of every file of the database."""
    return shell(box, f"cd {DIRECTORY} && find . -type f | sort | xargs cat | sha256sum")


def test_a_clean_database_is_reset(box: str) -> None:
    """The way through: the log begins anew, in another file."""
    before = shell(box, f"ls {DIRECTORY}/pg_wal | head -1")
    assert shell(box, f"reset-wal {DIRECTORY}") == "reset"
    assert "shut down" in shell(box, f"pg_controldata -D {DIRECTORY} | grep state")
    assert shell(box, f"ls {DIRECTORY}/pg_wal | head -1") > before


@pytest.mark.parametrize(
    ("spoil", "sentence"),
    [
        (f"{SERVER} -l /tmp/log start > /dev/null", "is in use by a running server"),
        (
            f"{SERVER} -l /tmp/log start > /dev/null; {SERVER} -m immediate stop > /dev/null",
            "was not stopped cleanly",
        ),
        (f"touch {DIRECTORY}/standby.signal", "is a standby or a backup (standby.signal)"),
        (
            f"touch {DIRECTORY}/standby.signal; {SERVER} -l /tmp/log start; {SERVER} promote; {SERVER} stop",
            "has seen a failover",
        ),
        (f"mkdir {DIRECTORY}/pg_replslot/x", "is replicated already"),
        (f"rm {DIRECTORY}/global/pg_control", "holds no database"),
        (f"touch {DIRECTORY}/patroni.dynamic.json", "was given to Patroni already"),
    ],
)
def test_anything_else_is_refused_and_left_alone(box: str, spoil: str, sentence: str) -> None:
    """Running, crashed, replicated, foreign."""
    shell(box, spoil)
    before = fingerprint(box)
    words = shell(box, f"if reset-wal {DIRECTORY} 2>&1; then echo RESET; fi")
    assert sentence in words
    assert "nothing was touched" in words
    assert "RESET" not in words
    assert fingerprint(box) == before
