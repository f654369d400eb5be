"""The demo page in a real browser, across the death of the node that serves it."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect, sync_playwright

from tests.real.cluster import ROOT, Cluster
from tests.real.engine import docker

CHROMIUM = "/usr/bin/chromium"
# As root in a machine without a network; without these Chromium looks for its maker's servers.
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
SCREENSHOTS = ROOT / "build" / "screenshots"


@pytest.fixture
def page() -> Iterator[Page]:
    """A page of Debian's Chromium."""
    assert Path(CHROMIUM).exists(), "Chromium is missing; `make test` installs it"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser.new_page(viewport={"width": 1100, "height": 900})
        browser.close()


def shot(page: Page, name: str) -> None:
    """Keep what a person would see."""
    SCREENSHOTS.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=str(SCREENSHOTS / f"{name}.png"))


def transfer(page: Page, amount: str) -> None:
    """Fill the form and wait for the word that it went through."""
    page.get_by_test_id("transfer-to").select_option("erin")
    page.get_by_test_id("transfer-amount").fill(amount)
    page.get_by_test_id("transfer-button").click()
    expect(page.get_by_test_id("message")).to_have_text(f"{amount} units went to erin.", timeout=30_000)
    last = page.get_by_test_id("transfers").get_by_role("listitem").first
    expect(last).to_have_text(re.compile(rf"^dave → erin.+{re.escape(amount)}$"), timeout=15_000)


def test_a_person_stays_signed_in_when_the_node_dies(restless: Cluster, page: Page) -> None:
    """Log in, transfer, kill, still logged in, transfer again."""
    page.goto(restless.url)
    expect(page.get_by_text("Demo stand-in for Cyclos — not the product")).to_be_visible()
    expect(page.get_by_test_id("login-user")).to_be_visible()
    shot(page, "1-sign-in")
    page.get_by_test_id("login-user").fill("dave")
    page.get_by_test_id("login-password").fill("demo")
    page.get_by_test_id("login-button").click()
    expect(page.get_by_test_id("user")).to_have_text("dave")
    transfer(page, "10.25")
    accounts = page.get_by_test_id("accounts").get_by_role("listitem")
    expect(accounts).to_have_count(20)
    expect(accounts.filter(has_text="dave")).to_have_text("dave989.75")
    expect(accounts.filter(has_text="erin")).to_have_text("erin1010.25")
    shot(page, "2-signed-in")

    node = page.get_by_test_id("node").inner_text()
    docker("kill", restless.container(node))
    expect(page.get_by_test_id("node")).not_to_have_text(node, timeout=30_000)
    expect(page.get_by_test_id("user")).to_have_text("dave")
    transfer(page, "0.75")
    expect(page.get_by_test_id("balance")).to_have_text("989.00", timeout=15_000)
    shot(page, "3-after-the-node-died")
    page.set_viewport_size({"width": 390, "height": 844})
    shot(page, "4-phone")
