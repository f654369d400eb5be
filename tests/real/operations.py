"""The commands of docs/operations.md, as they stand there."""

import re
import subprocess
from pathlib import Path

from tests.real.cluster import ROOT, Cluster

BLOCK = re.compile(r"^```console\n(.*?)^```", re.MULTILINE | re.DOTALL)
ASKS = ("up", "destroy")


def commands(section: str) -> list[str]:
    """What stands behind the prompts of a section."""
    page = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")
    _, _, rest = page.partition(f"\n## {section}\n")
    text = "".join(BLOCK.findall(rest.partition("\n## ")[0])).replace("\\\n", "")
    return [line.removeprefix("$ ") for line in text.splitlines()]


def do(section: str, cluster: Cluster, folder: Path, **names: str) -> None:
    """Type what a section says; `names` are what its words in capitals stand for, beside STACK."""
    typed = commands(section)
    assert typed, f"docs/operations.md says nothing about {section}"
    meant = {"STACK": cluster.name, **names}
    for line in typed:
        program, *words = line.split()
        if program == "pulumi":
            done = cluster.pulumi(*words, *(["--yes"] if words[0] in ASKS else []))
            assert done.returncode == 0, done.stdout
            continue
        spoken = re.sub("|".join(meant), lambda name: meant[name[0]], line)
        subprocess.run(["bash", "-ec", spoken], cwd=folder, check=True)
