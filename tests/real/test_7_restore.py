"""The commands of docs/operations.md that an operator types when transfers must come back, as they stand there."""

import re
import subprocess
from pathlib import Path
from uuid import uuid4

import requests

from tests.real.client import Browser
from tests.real.cluster import ROOT, Cluster

BLOCK = re.compile(r"^```console\n(.*?)^```", re.MULTILINE | re.DOTALL)


def commands(section: str) -> list[str]:
    """What stands behind the prompts of a section."""
    page = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")
    _, _, rest = page.partition(f"\n## {section}\n")
    text = "".join(BLOCK.findall(rest.partition("\n## ")[0])).replace("\\\n", "")
    return [line.removeprefix("$ ") for line in text.splitlines()]


def do(section: str, cluster: Cluster, folder: Path) -> None:
    """Type what a section says."""
    typed = commands(section)
    assert typed, f"docs/operations.md says nothing about {section}"
    for line in typed:
        if line == "pulumi up":
            cluster.up()
        else:
            words = line.replace("STACK", cluster.name).replace("LEADER", cluster.leader())
            subprocess.run(["bash", "-ec", words], cwd=folder, check=True)


def test_what_was_dumped_is_restored(restless: Cluster, tmp_path: Path) -> None:
    """What came after the dump is gone, as the page says; the standby and every Tomcat know it, too."""
    browser, kept, lost = Browser(restless), str(uuid4()), str(uuid4())
    browser.login("alice")
    assert browser.transfer("bob", "1.00", kept).status_code == requests.codes.created
    do("Backup", restless, tmp_path)
    assert browser.transfer("bob", "2.00", lost).status_code == requests.codes.created
    do("Restore", restless, tmp_path)
    assert restless.works()
    browser.login("alice")
    assert browser.get(f"{restless.url}/api/transfers/{kept}", timeout=30).json()["amount"] == 1
    assert browser.get(f"{restless.url}/api/transfers/{lost}", timeout=30).status_code == requests.codes.not_found
    ledger = browser.get(f"{restless.url}/api/ledger", timeout=30).json()
    assert (ledger["standby"], float(ledger["total"])) == (True, 0)
    assert restless.preview_is_empty()
