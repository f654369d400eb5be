"""The project's Python environment."""

import hashlib
import shutil
import sys

from toolchain.commands import answers, run
from toolchain.debian import install
from toolchain.places import Places
from toolchain.progress import step

REQUIREMENTS = ("requirements.txt", "requirements-dev.txt")


def ensure_venv(places: Places) -> None:
    """Make `.venv` and install the requirements; again only when they, or the interpreter, have changed."""
    marker = places.venv / "installed"
    wanted = _fingerprint(places)
    if marker.exists() and marker.read_text() == wanted and places.python.exists():
        return
    with_pip = answers(str(places.python), "-c", "import pip") and answers(
        str(places.python), "-c", f"import sys; sys.exit(sys.version_info[:2] != {sys.version_info[:2]})"
    )
    if not with_pip:
        _create(places)
    with step("Python packages: installing into .venv"):
        command = [str(places.python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
        for name in REQUIREMENTS:
            command += ["--requirement", name]
        run(command, log=places.log, cwd=places.root)
    marker.write_text(wanted)


def _create(places: Places) -> None:
    if not answers(sys.executable, "-c", "import ensurepip, venv"):
        version = f"{sys.version_info.major}.{sys.version_info.minor}"
        packages = [f"python{version}-venv" if sys.executable.startswith("/usr/bin/") else "python3-venv"]
        install(places, packages, purpose="Python's venv module", by_hand="Install it (Debian: python3-venv)")
    shutil.rmtree(places.venv, ignore_errors=True)
    run([sys.executable, "-m", "venv", places.venv], log=places.log)


def _fingerprint(places: Places) -> str:
    digest = hashlib.sha256(sys.version.encode())
    for name in REQUIREMENTS:
        digest.update((places.root / name).read_bytes())
    return digest.hexdigest()
