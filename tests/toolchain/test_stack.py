"""The state of the stack dev and its passphrase."""

import pytest

from tests.toolchain.stand_ins import Programs, mode
from toolchain.failure import SetupError
from toolchain.places import Places
from toolchain.stack import backend, ensure_stack

# `pulumi stack init` as far as setup relies on it; notes the environment that it got.
PULUMI = """\
echo "$PULUMI_BACKEND_URL $PULUMI_CONFIG_PASSPHRASE_FILE" >"$self/environment"
folder=${PULUMI_BACKEND_URL#file://}
state=${folder%%\\?*}/.pulumi/stacks/cyclos
mkdir -p "$state"; touch "$state/$3.json\""""


@pytest.fixture
def project(places: Places, programs: Programs) -> Places:
    """A checkout with a program and the user's Pulumi."""
    (places.root / "Pulumi.yaml").write_text("name: cyclos\n")
    programs.add("pulumi", PULUMI)
    return places


def test_the_passphrase_is_random_and_for_its_owner_only(project: Places) -> None:
    """It protects the passwords in the state."""
    ensure_stack(project)
    first = project.passphrase.read_text()
    assert mode(project.passphrase) == 0o600
    assert mode(project.state) == 0o700
    assert len(first) >= 32
    ensure_stack(project)
    assert project.passphrase.read_text() == first, "another one would make the state unreadable"


def test_the_stack_is_made_once_in_the_folder_of_the_checkout(project: Places, programs: Programs) -> None:
    """No login is touched: the backend is named in the environment of the one call."""
    ensure_stack(project)
    ensure_stack(project)
    assert len(programs.calls) == 1
    assert programs.called("pulumi stack init dev --non-interactive")
    assert (programs.folder / "environment").read_text() == f"{backend(project.state)} {project.passphrase}\n"


def test_a_backend_that_the_user_has_chosen_is_left_alone(
    project: Places, programs: Programs, monkeypatch: pytest.MonkeyPatch
) -> None:
    """There the user makes stacks."""
    monkeypatch.setenv("PULUMI_BACKEND_URL", "s3://ours")
    ensure_stack(project)
    assert not programs.calls


def test_a_lost_passphrase_is_an_error_while_there_is_a_state(project: Places) -> None:
    """A new one would only hide that the old one is needed."""
    ensure_stack(project)
    project.passphrase.unlink()
    with pytest.raises(SetupError, match=r"passphrase is lost, .* Put it back\."):
        ensure_stack(project)
    assert not project.passphrase.exists()


def test_an_empty_passphrase_is_never_kept(project: Places) -> None:
    """Pulumi would take it for a good one."""
    project.state.mkdir()
    project.passphrase.touch()
    ensure_stack(project)
    assert len(project.passphrase.read_text()) >= 32
    assert mode(project.passphrase) == 0o600


def test_without_a_program_there_is_no_stack(places: Places, programs: Programs) -> None:
    """Tools alone can be set up too."""
    programs.add("pulumi", PULUMI)
    ensure_stack(places)
    assert not programs.calls
    assert places.passphrase.exists()
