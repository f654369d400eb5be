"""The image that all of ours are built on."""

import tempfile
from pathlib import Path

from toolchain.commands import answers, on_path, run
from toolchain.debian import install
from toolchain.failure import SetupError
from toolchain.places import Places
from toolchain.progress import step

NAME = "debian:trixie-slim"
SUITE = "trixie"
PULL_SECONDS = 60


def ensure_base_image(places: Places, name: str = NAME) -> None:
    """Pull the image where it is missing; where that fails, make one of the same content with debootstrap."""
    if answers("docker", "image", "inspect", name):
        return
    try:
        with step(f"Base image {name}: pulling"):
            run(["docker", "pull", "--quiet", name], log=places.log, seconds=PULL_SECONDS)
    except SetupError:
        _bootstrap(places, name)


def _bootstrap(places: Places, name: str) -> None:
    if not on_path("debootstrap"):
        by_hand = f"{name} cannot be pulled: get it into the engine (docker load), or install debootstrap"
        install(places, ["debootstrap"], purpose="debootstrap", by_hand=by_hand)
    places.cache.mkdir(parents=True, exist_ok=True)
    with (
        step(f"Base image {name}: cannot be pulled, made with debootstrap"),
        tempfile.TemporaryDirectory(dir=places.cache) as folder,
    ):
        tree, archive = Path(folder) / "tree", Path(folder) / "tree.tar"
        run(["debootstrap", "--variant=minbase", SUITE, tree], log=places.log)
        run(["tar", "--create", "--file", archive, "--one-file-system", "--exclude=./var/cache/apt/archives/*.deb",
             "--exclude=./var/lib/apt/lists/*_*", "--directory", tree, "."], log=places.log)  # fmt: skip
        run(["docker", "import", "--change", 'CMD ["bash"]', archive, name], log=places.log)
