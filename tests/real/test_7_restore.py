"""Transfers come back from a backup, by the commands of docs/operations.md."""

from pathlib import Path
from uuid import uuid4

import requests

from tests.real.client import Browser
from tests.real.cluster import Cluster
from tests.real.operations import do


def test_what_was_dumped_is_restored(restless: Cluster, tmp_path: Path) -> None:
    """What came after the dump is gone, as the page says; the standby and every Tomcat know it, too."""
    browser, kept, lost = Browser(restless), str(uuid4()), str(uuid4())
    browser.login("alice")
    assert browser.transfer("bob", "1.00", kept).status_code == requests.codes.created
    do("Backup", restless, tmp_path, LEADER=restless.leader())
    assert browser.transfer("bob", "2.00", lost).status_code == requests.codes.created
    do("Restore", restless, tmp_path, LEADER=restless.leader())
    assert restless.works()
    browser.login("alice")
    assert browser.get(f"{restless.url}/api/transfers/{kept}", timeout=30).json()["amount"] == 1
    assert browser.get(f"{restless.url}/api/transfers/{lost}", timeout=30).status_code == requests.codes.not_found
    ledger = browser.get(f"{restless.url}/api/ledger", timeout=30).json()
    assert (ledger["standby"], float(ledger["total"])) == (True, 0)
    assert restless.preview_is_empty()
