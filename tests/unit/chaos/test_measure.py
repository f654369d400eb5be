"""Figures from requests that are made up."""

from tests.chaos.load import Kind, Request
from tests.chaos.measure import longest_gap


def write(ended: float) -> Request:
    """One that was acknowledged."""
    return Request(Kind.WRITE, ended, ended, 201, "alice", "tomcat-1", 0, "")


def test_a_later_stutter_is_not_the_gap_of_what_was_planned() -> None:
    """The longest gap of all is another one's."""
    requests = [write(ended) for ended in (1, 2, 4, 5, 9, 10)]
    assert longest_gap(requests) == (5, 9)
    assert longest_gap(requests, 1.5, 3) == (2, 4)
