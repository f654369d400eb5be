"""HTTP as a browser speaks it: one connection that stays open, and the cookies of a session."""

import json
import select
import time
from collections.abc import Mapping
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException
from http.cookies import SimpleCookie
from typing import Any
from urllib.parse import urlsplit

SESSION = "JSESSIONID"
# A request crosses with the end of the idle connection that it is sent on: clients of HTTP send it again by themselves
# (RFC 9112, section 9.3.1; browsers whatever the method). Later than this it was not idle.
CROSSED_SECONDS = 0.1


@dataclass(frozen=True)
class Answer:
    """What came back."""

    status: int
    text: str

    def json(self) -> dict[str, Any]:
        """The object that the text is."""
        return dict(json.loads(self.text))


class Connection:
    """A way to one server, for one thread."""

    def __init__(self, url: str, patience_seconds: float) -> None:
        self._http = HTTPConnection(urlsplit(url).netloc, timeout=patience_seconds)
        self._cookies = SimpleCookie()
        self.resent = 0
        self.opened = 0.0  # when, on the monotonic clock

    @property
    def session(self) -> str:
        """What the browser keeps of the session; empty before there is one."""
        return self._cookies[SESSION].value if SESSION in self._cookies else ""

    @property
    def node(self) -> str:
        """The Tomcat that has the session; empty before there is one."""
        return self.session.rpartition(".")[2]

    def send(self, method: str, path: str, body: Mapping[str, str] | None = None) -> Answer:
        """Send a request and wait; once again when it crossed with the end of a connection that was used before."""
        idle = self._is_idle()
        begun = time.monotonic()
        try:
            return self._exchange(method, path, body)
        except ConnectionError:
            if not idle or time.monotonic() - begun > CROSSED_SECONDS:
                raise
        self.resent += 1
        return self._exchange(method, path, body)

    def _is_idle(self) -> bool:
        """Whether an earlier request left a connection open; one that the server has ended is closed here, too."""
        if self._http.sock is None:
            return False
        ended, _, _ = select.select([self._http.sock], [], [], 0)
        if ended:
            self._http.close()
        return not ended

    def _exchange(self, method: str, path: str, body: Mapping[str, str] | None) -> Answer:
        headers = {"Cookie": "; ".join(f"{name}={cookie.value}" for name, cookie in self._cookies.items())}
        if body is not None:
            headers["Content-Type"] = "application/json"
        if self._http.sock is None:
            self.opened = time.monotonic()
        try:
            self._http.request(method, path, None if body is None else json.dumps(body), headers)
            response = self._http.getresponse()
            text = response.read().decode()
        except (OSError, HTTPException):
            self._http.close()
            raise
        for cookie in response.headers.get_all("Set-Cookie", []):
            self._cookies.load(cookie)
        return Answer(response.status, text)
