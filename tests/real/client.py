"""A user of the demo without a browser: keeps the cookie, speaks JSON."""

from typing import Any

import requests

from tests.real.cluster import Cluster


class Browser(requests.Session):
    """One user, one session."""

    def __init__(self, cluster: Cluster, tomcat: str = "") -> None:
        """Start without a session; past the balancer, where a Tomcat is named."""
        super().__init__()
        self.url = f"http://{cluster.address(tomcat)}:8080" if tomcat else cluster.url

    def state(self) -> dict[str, Any]:
        """GET /api/session: node, user, counter, which this request adds one to."""
        answer = self.get(f"{self.url}/api/session", timeout=30)
        assert answer.status_code == requests.codes.ok, answer.text
        return dict(answer.json())

    def login(self, user: str) -> None:
        """Sign in as one of the demo's users."""
        body = {"user": user, "password": "demo"}
        answer = self.post(f"{self.url}/api/session", json=body, timeout=30)
        assert answer.status_code == requests.codes.ok, answer.text

    def transfer(self, to: str, amount: str, key: str) -> requests.Response:
        """Ask for a transfer."""
        body = {"to": to, "amount": amount, "idempotencyKey": key}
        return self.post(f"{self.url}/api/transfers", json=body, timeout=60)
