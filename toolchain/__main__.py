"""Runs the steps of setup in their order: `toolchain/setup [--tests]`."""

import argparse
import subprocess
import sys

from toolchain.base_image import ensure_base_image
from toolchain.browser import ensure_browser
from toolchain.engine import ensure_engine
from toolchain.failure import SetupError
from toolchain.places import Places, default_places
from toolchain.pulumi_tools import ensure_pulumi
from toolchain.python_packages import ensure_venv
from toolchain.stack import ensure_stack


def main() -> None:
    """Set up what is missing; say nothing about what is there."""
    parser = argparse.ArgumentParser(prog="toolchain/setup", description="Set up what is missing")
    parser.add_argument("--tests", action="store_true", help="also what the tests need beside the program")
    arguments = parser.parse_args()
    places = default_places()
    try:
        _set_up(places)
        if arguments.tests:
            ensure_browser(places)
    except SetupError as error:
        sys.exit(f"setup: {error}")
    except KeyboardInterrupt:
        sys.exit("setup: interrupted; run it again to go on where it was")


def _set_up(places: Places) -> None:
    ensure_venv(places)
    _place_artefacts(places)  # a network that has not got them is known before anything takes long
    ensure_engine(places)
    ensure_base_image(places)
    ensure_pulumi(places)
    ensure_stack(places)


def _place_artefacts(places: Places) -> None:
    """A program of its own: it needs the project's Python packages."""
    done = subprocess.run([places.python, places.root / "toolchain" / "artefacts.py"], check=False)
    if done.returncode:
        raise SetupError("The artefacts of the images are not complete; see above.")


if __name__ == "__main__":
    main()
