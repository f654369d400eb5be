"""The browser of the page tests."""

from toolchain.commands import on_path
from toolchain.debian import install
from toolchain.places import Places


def ensure_browser(places: Places) -> None:
    """Debian's Chromium: the tests drive it without downloading a browser of their own."""
    if not on_path("chromium"):
        install(places, ["chromium"], purpose="Chromium", by_hand="Install Chromium so that `chromium` is on PATH")
