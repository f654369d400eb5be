"""Sends load from a container on the stack's network, the same to the balancer and straight to the Tomcats."""

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

    def both(self, seconds: int, rate: float = 0) -> tuple[Outcome, Outcome]:
        """Ask the balancer and, half of the users each, the Tomcats: what came back through it, and what straight."""
        owner = self.cluster.owner
        settings, _ = parse({})
        tomcats = topology(settings, Names(self.cluster.project, self.cluster.stack)).tomcats
        ways = [["balancer-1:8080"], [f"{node.id}:8080" for node in tomcats]]
        plan = Plan(ways=ways, connections=CONNECTIONS, turns=seconds, rate=rate)
        image = docker("inspect", "--format", "{{.Config.Image}}", f"{owner}-postgres-1-container").strip()
        answer = docker(
            "run", "--rm", "--interactive", "--network", f"{owner}-network", "--label", f"cyclos.stack={owner}",
            "--cap-drop", "ALL", "--entrypoint", "python3", image, "-", json.dumps(asdict(plan)),
            stdin=GENERATOR.read_text(),
        )  # fmt: skip
        through, straight = (_checked(Outcome(**outcome)) for outcome in json.loads(answer))
        return through, straight


def _checked(outcome: Outcome) -> Outcome:
    assert not outcome.failures, outcome.failures
    assert outcome.cpu_seconds < BUSIEST * outcome.seconds, f"the generator is the bottleneck: {outcome}"
    assert len(set(outcome.nodes.values())) == 1, f"the sessions are not spread evenly: {outcome.nodes}"
    return outcome
