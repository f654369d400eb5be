"""The executable `toolchain/setup`, and the lock file that it works from."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.toolchain.stand_ins import Programs
from toolchain import __main__ as setup
from toolchain.failure import SetupError
from toolchain.places import Places
from toolchain.pulumi_versions import pulumi_versions

ROOT = Path(__file__).parent.parent.parent
STEPS = ("ensure_venv", "_place_artefacts", "ensure_engine", "ensure_base_image", "ensure_pulumi", "ensure_stack")


def test_a_python_that_is_too_old_is_named(programs: Programs) -> None:
    """All that a machine has is asked; the sentence says what to install."""
    programs.add("python3", "exit 1")
    done = subprocess.run([ROOT / "toolchain" / "setup"], capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert done.stderr == "Python 3.11 or later is needed (Debian: apt-get install python3 python3-venv).\n"


def test_a_newer_python_beside_the_old_one_is_found(programs: Programs) -> None:
    """A machine may have several."""
    programs.add("python3", "exit 1")
    programs.add("python3.12")
    subprocess.run([ROOT / "toolchain" / "setup", "--tests"], check=True)
    assert programs.calls[-1] == "python3.12 -m toolchain --tests"


@pytest.fixture
def done(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The steps that setup has done, none for real."""
    order: list[str] = []
    for name in (*STEPS, "ensure_browser"):
        monkeypatch.setattr(setup, name, lambda _places, name=name: order.append(name))
    return order


@pytest.mark.parametrize(("words", "more"), [([], []), (["--tests"], ["ensure_browser"])])
def test_the_steps_have_an_order(
    done: list[str], monkeypatch: pytest.MonkeyPatch, words: list[str], more: list[str]
) -> None:
    """Each builds on those before; a browser is for the tests only."""
    monkeypatch.setattr(sys, "argv", ["setup", *words])
    setup.main()
    assert done == [*STEPS, *more]


def test_an_error_is_a_sentence(
    done: list[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """No traceback, and nothing is done after it."""

    def fail(_places: Places) -> None:
        raise SetupError("A Docker engine is missing.")

    monkeypatch.setattr(setup, "ensure_engine", fail)
    monkeypatch.setattr(sys, "argv", ["setup"])
    with pytest.raises(SystemExit) as caught:
        setup.main()
    assert caught.value.code == "setup: A Docker engine is missing."
    assert done == ["ensure_venv", "_place_artefacts"]
    assert not capsys.readouterr().out


def test_the_lock_file_agrees_with_the_sdks_and_the_project() -> None:
    """The engine asks for plugins by the numbers of the SDKs."""
    versions = pulumi_versions(Places(root=ROOT, cache=ROOT))
    requirements = (ROOT / "requirements.txt").read_text()
    assert dict(re.findall(r"^pulumi-(\w+)==(.*)$", requirements, re.MULTILINE)) == versions.plugins
    assert f'requiredPulumiVersion: ">={versions.minimum}"' in (ROOT / "Pulumi.yaml").read_text()
    assert f"pulumi/pkg/v3 v{versions.cli}\n" in (ROOT / "toolchain/pulumi/cli/go.mod").read_text()
