"""What `. toolchain/activate` leaves in the shell."""

import shutil
import subprocess
from pathlib import Path

import pytest

from toolchain.places import Places
from toolchain.stack import backend

ROOT = Path(__file__).parent.parent.parent
SHOWN = (
    "PATH VIRTUAL_ENV PULUMI_HOME PULUMI_BACKEND_URL PULUMI_CONFIG_PASSPHRASE_FILE "
    "PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION cyclos_checkout cyclos_ready"
)


@pytest.fixture
def checkout(places: Places) -> Places:
    """A checkout after setup, with tools of our own."""
    shutil.copy(ROOT / "toolchain" / "activate", places.root / "toolchain")
    places.python.parent.mkdir(parents=True)
    places.python.write_text("#!/bin/sh\n")
    places.python.chmod(0o755)
    tools = places.cache / "pulumi-1"
    tools.mkdir(parents=True)
    (tools / "source").write_text("build\n")
    places.state.mkdir()
    places.tools_in_use.write_text(f"{tools}\n")
    return places


def sourced(checkout: Places, shell: str = "bash", *, cwd: Path | None = None, **extra: str) -> dict[str, str]:
    """Source the file twice, and return the variables that are set then."""
    file = checkout.root / "toolchain" / "activate"
    show = f'for v in {SHOWN}; do eval "[ -z \\"\\${{$v+set}}\\" ] || echo $v=\\$$v"; done'
    done = subprocess.run(
        [shell, "-euc", f". {file} && . {file} && {show}"],
        cwd=cwd or checkout.root,
        env={"PATH": "/usr/bin:/bin", **extra},
        capture_output=True,
        text=True,
        check=True,
    )
    return dict(line.split("=", 1) for line in done.stdout.splitlines())


@pytest.mark.parametrize("shell", ["bash", "sh"])
def test_the_shell_gets_packages_tools_and_state(checkout: Places, shell: str) -> None:
    """Sourced twice, PATH has each folder once, and no variable of the script stays."""
    tools = checkout.cache / "pulumi-1"
    assert sourced(checkout, shell) == {
        "PATH": f"{checkout.venv}/bin:{tools}/bin:/usr/bin:/bin",
        "VIRTUAL_ENV": str(checkout.venv),
        "PULUMI_HOME": f"{tools}/home",
        "PULUMI_BACKEND_URL": backend(checkout.state),
        "PULUMI_CONFIG_PASSPHRASE_FILE": str(checkout.passphrase),
        "PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION": "true",
        "cyclos_ready": "0",
    }


def test_from_bash_it_may_be_sourced_anywhere(checkout: Places) -> None:
    """The file knows where it lies."""
    assert sourced(checkout, cwd=Path("/"))["VIRTUAL_ENV"] == str(checkout.venv)


def test_the_users_own_pulumi_keeps_its_home(checkout: Places) -> None:
    """Plugins and login of the user stay in use."""
    checkout.tools_in_use.unlink()
    variables = sourced(checkout)
    assert "PULUMI_HOME" not in variables
    assert variables["PATH"] == f"{checkout.venv}/bin:/usr/bin:/bin"


def test_what_the_user_has_set_stands(checkout: Places) -> None:
    """Backend and passphrase."""
    variables = sourced(checkout, PULUMI_BACKEND_URL="s3://ours", PULUMI_CONFIG_PASSPHRASE="")
    assert variables["PULUMI_BACKEND_URL"] == "s3://ours"
    assert "PULUMI_CONFIG_PASSPHRASE_FILE" not in variables


def test_before_setup_it_says_so(checkout: Places) -> None:
    """Not a shell that half works."""
    checkout.python.unlink()
    with pytest.raises(subprocess.CalledProcessError) as caught:
        sourced(checkout)
    assert "Run toolchain/setup first" in caught.value.stderr
