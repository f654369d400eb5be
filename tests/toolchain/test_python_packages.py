"""The project's Python environment."""

import sys
from pathlib import Path

import pytest

from tests.toolchain.stand_ins import Programs
from toolchain.places import Places
from toolchain.python_packages import ensure_venv

# Stands for the interpreter: `-m venv FOLDER` copies it there, `-m pip` succeeds, questions are answered with yes.
PYTHON = """\
case "$1 $2" in
"-m venv") mkdir -p "$3/bin"; cp "$self/python" "$3/bin/python" ;;
esac"""


@pytest.fixture
def interpreter(places: Places, programs: Programs, monkeypatch: pytest.MonkeyPatch) -> Programs:
    """A checkout with requirements, and the interpreter that runs setup."""
    for name in ("requirements.txt", "requirements-dev.txt"):
        (places.root / name).write_text(f"# {name}\n")
    monkeypatch.setattr(sys, "executable", str(programs.add("python", PYTHON)))
    return programs


def installs(programs: Programs) -> int:
    """How often packages were installed."""
    return sum(call.startswith("python -m pip install") for call in programs.calls)


def test_packages_are_installed_again_only_when_their_list_has_changed(places: Places, interpreter: Programs) -> None:
    """Both lists count."""
    ensure_venv(places)
    ensure_venv(places)
    assert installs(interpreter) == 1
    (places.root / "requirements-dev.txt").write_text("pytest==9.2.0\n")
    ensure_venv(places)
    assert installs(interpreter) == 2


def test_an_interrupted_install_is_done_again(places: Places, interpreter: Programs) -> None:
    """The folder alone does not say that it is complete."""
    ensure_venv(places)
    (places.venv / "installed").unlink()
    ensure_venv(places)
    assert installs(interpreter) == 2


@pytest.mark.usefixtures("machine")
def test_debians_venv_package_is_installed_where_it_is_missing(
    places: Places, interpreter: Programs, tmp_path: Path
) -> None:
    """Debian splits ensurepip from its Python."""
    interpreter.add("python", f'case "$*" in *ensurepip*) test -e "{tmp_path}/venv-there"; exit ;; esac\n{PYTHON}')
    interpreter.add("apt-get", f'case "$*" in *install*venv*) touch "{tmp_path}/venv-there" ;; esac')
    ensure_venv(places)
    assert interpreter.called("apt-get install --yes --no-install-recommends python3-venv")
    assert installs(interpreter) == 1
