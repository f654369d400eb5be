"""The commands of docs/operations.md, as they stand there."""

import re
import subprocess
from pathlib import Path

from tests.real.cluster import ROOT, Cluster

BLOCK = re.compile(r"^```console\n(.*?)^```", re.MULTILINE | re.DOTALL)
ASKS = ("up", "destroy")


def commands(section: str, cluster: Cluster, **names: str) -> list[str]:
    """What stands behind the prompts of a section; `names` are what its words in capitals stand for, beside STACK."""
    page = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")
    _, _, rest = page.partition(f"\n## {section}\n")
    text = "".join(BLOCK.findall(rest.partition("\n## ")[0])).replace("\\\n", "")
    meant = {"STACK": cluster.name, **names}
    spoken = re.sub("|".join(meant), lambda name: meant[name[0]], text)
    typed = [line.removeprefix("$ ") for line in spoken.splitlines()]
    assert typed, f"docs/operations.md says nothing about {section}"
    return typed


def do(section: str, cluster: Cluster, folder: Path, **names: str) -> None:
    """Type what a section says."""
    for line in commands(section, cluster, **names):
        program, *words = line.split()
        if program == "pulumi":
            done = cluster.pulumi(*words, *(["--yes"] if words[0] in ASKS else []))
            assert done.returncode == 0, done.stdout
            continue
        subprocess.run(["bash", "-ec", line], cwd=folder, check=True)
