"""The seeds of a stack, as its state remembers them."""

import json
import subprocess
from dataclasses import dataclass
from pathlib import Path

from tests.real.cluster import Cluster

END = "-seed"


@dataclass(frozen=True)
class Seed:
    """One seed: the command line that Pulumi ran, where, its input, and what it printed."""

    folder: Path
    command: str
    stdin: str
    printed: str

    def again(self) -> subprocess.CompletedProcess[str]:
        """Run it once more, as Pulumi did."""
        return subprocess.run(
            ["sh", "-c", self.command],
            cwd=self.folder, input=self.stdin, capture_output=True, text=True, check=False, timeout=120,
        )  # fmt: skip


def seeds_of(cluster: Cluster) -> dict[str, Seed]:
    """The seeds by node."""
    exported = json.loads(cluster.pulumi("stack", "export", "--show-secrets", record=False).stdout)
    found = {}
    for resource in exported["deployment"]["resources"]:
        name = resource["urn"].rpartition("::")[2]
        if name.endswith(END):
            inputs, outputs = resource["inputs"], resource["outputs"]
            stdin = json.loads(inputs["stdin"]["plaintext"])
            found[name.removesuffix(END)] = Seed(cluster.work, inputs["create"], stdin, outputs["stdout"])
    return found
