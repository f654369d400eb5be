"""Sends load from a container on the stack's network, the same way to the balancer and straight to the Tomcats."""

import json
from dataclasses import asdict, dataclass
from pathlib import Path

from core.derive import topology
from core.naming import Names
from core.parse import parse
from tests.bench.load import Outcome, Plan
from tests.bench.workspace import Program, docker

GENERATOR = Path(__file__).with_name("load.py")
CONNECTIONS = 16
# Of one core: beyond, the generator would measure itself.
BUSIEST = 0.7


@dataclass(frozen=True)
class Traffic:
    """Load on one running stack. The generator runs in the image of PostgreSQL, which holds Python for Patroni."""

    cluster: Program

    def through_balancer(self, seconds: float, rate: float = 0) -> Outcome:
        """Ask the balancer."""
        return self._send(["balancer-1:8080"], seconds, rate)

    def straight(self, seconds: float, rate: float = 0) -> Outcome:
        """Ask the Tomcats, half of the users each."""
        settings, _ = parse({})
        nodes = topology(settings, Names(self.cluster.project, self.cluster.stack)).tomcats
        return self._send([f"{node.id}:8080" for node in nodes], seconds, rate)

    def _send(self, targets: list[str], seconds: float, rate: float) -> Outcome:
        owner = self.cluster.owner
        image = docker("inspect", "--format", "{{.Config.Image}}", f"{owner}-postgres-1-container").strip()
        plan = Plan(targets=targets, connections=CONNECTIONS, seconds=seconds, rate=rate)
        answer = docker(
            "run", "--rm", "--interactive", "--network", f"{owner}-network", "--label", f"cyclos.stack={owner}",
            "--cap-drop", "ALL", "--entrypoint", "python3", image, "-", json.dumps(asdict(plan)),
            stdin=GENERATOR.read_text(),
        )  # fmt: skip
        outcome = Outcome(**json.loads(answer))
        assert not outcome.failures, f"{targets}: {outcome.failures}"
        assert outcome.cpu_seconds < BUSIEST * outcome.seconds, f"the generator is the bottleneck: {outcome}"
        assert len(set(outcome.nodes.values())) == 1, f"the sessions are not spread evenly: {outcome.nodes}"
        return outcome
