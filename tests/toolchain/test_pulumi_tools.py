"""Which Pulumi is used: the user's, the vendor's release, or one built from Go modules."""

from pathlib import Path

import pytest

from tests.toolchain.machine import Machine
from tests.toolchain.stand_ins import Programs, Site
from toolchain.failure import SetupError
from toolchain.places import Places
from toolchain.pulumi_tools import command_line, ensure_pulumi
from toolchain.pulumi_versions import SITE_VARIABLE, pulumi_versions

VERSION = "3.259.0"
# `pulumi plugin install resource NAME VERSION` as far as setup relies on it.
PULUMI = """\
case "$1" in
version) echo v3.259.0 ;;
plugin) mkdir -p "$PULUMI_HOME/plugins/resource-$4-v$5" ;;
esac"""
RELEASED = {"pulumi": f"#!/bin/sh\n{PULUMI}\n", "pulumi-language-python": "#!/bin/sh\n"}
# `go build … -o FILE PACKAGE` and the two questions that setup asks.
GO = """\
case "$*" in
*GOVERSION*) echo go1.26.1 ;;
*"list -m"*) echo "$self/module" ;;
build*)
    while [ "$1" != -o ]; do shift; done
    mkdir -p "$(dirname "$2")"; echo built >"$2"; chmod +x "$2" ;;
esac"""


@pytest.fixture
def go(programs: Programs) -> Programs:
    """A Go that builds at once."""
    script = programs.folder / "module" / "python" / "cmd" / "pulumi-language-python-exec"
    script.parent.mkdir(parents=True)
    script.write_text("#!/usr/bin/env python3\n")
    programs.add("go", GO)
    return programs


@pytest.fixture
def unreachable(monkeypatch: pytest.MonkeyPatch) -> None:
    """A site where nothing listens."""
    monkeypatch.setenv(SITE_VARIABLE, "http://127.0.0.1:9")


def tools(places: Places) -> Path:
    """The folder that `activate` will use."""
    return Path(places.tools_in_use.read_text().strip())


def complete(places: Places) -> bool:
    """CLI, language host and all plugins under the versions of the SDKs."""
    folder = tools(places)
    plugins = {path.name for path in (folder / "home" / "plugins").iterdir()}
    wanted = {f"resource-{name}-v{version}" for name, version in pulumi_versions(places).plugins.items()}
    return plugins == wanted and {"pulumi", "pulumi-language-python"} <= {p.name for p in (folder / "bin").iterdir()}


def test_the_release_is_downloaded_and_its_plugins_are_installed(
    places: Places, programs: Programs, site: Site
) -> None:
    """The vendor's way, with a checksum that is right."""
    site.publish(VERSION, RELEASED)
    ensure_pulumi(places)
    assert complete(places)
    assert (tools(places) / "source").read_text() == "download\n"
    assert not programs.calls, "nothing of the machine is needed for a download"


@pytest.mark.usefixtures("programs")
def test_a_second_run_takes_the_tools_from_the_cache(places: Places, site: Site) -> None:
    """Nothing is asked of the network once the tools are there."""
    site.publish(VERSION, RELEASED)
    ensure_pulumi(places)
    asked = list(site.asked)
    ensure_pulumi(places)
    assert site.asked == asked


@pytest.mark.usefixtures("go")
def test_an_archive_with_another_checksum_is_refused(places: Places, site: Site) -> None:
    """A changed archive is an attack or an accident: it is no reason to go another way silently."""
    site.publish(VERSION, RELEASED, digest="0" * 64)
    with pytest.raises(SetupError, match=r"is refused: its SHA-256 is \w{64}, pinned is 0{64}"):
        ensure_pulumi(places)
    assert not places.tools_in_use.exists()
    assert not list(places.cache.glob("pulumi-*")), "what was refused is not kept"


@pytest.mark.usefixtures("unreachable")
def test_where_the_site_cannot_be_reached_the_tools_are_built(places: Places, go: Programs) -> None:
    """Behind an air gap the Go modules are the way."""
    ensure_pulumi(places)
    assert complete(places)
    assert (tools(places) / "source").read_text() == "build\n"
    assert (tools(places) / "bin" / "pulumi-language-python-exec").stat().st_mode & 0o111
    builds = [call for call in go.calls if call.startswith("go build")]
    assert len(builds) == 5
    assert any("no_compose" in call and "resource-docker-v5.2.0" in call for call in builds)


@pytest.mark.usefixtures("go")
def test_where_the_release_is_not_found_the_tools_are_built(places: Places, site: Site) -> None:
    """A proxy that answers with an error is as good as no answer."""
    ensure_pulumi(places)
    assert site.asked
    assert (tools(places) / "source").read_text() == "build\n"


@pytest.mark.usefixtures("go")
def test_a_download_that_breaks_off_is_no_attack(places: Places, site: Site) -> None:
    """It is told from a changed archive by its length, and the other way is taken."""
    site.publish(VERSION, RELEASED)
    site.broken = True
    ensure_pulumi(places)
    assert (tools(places) / "source").read_text() == "build\n"


@pytest.mark.usefixtures("go")
def test_where_plugins_cannot_be_downloaded_the_tools_are_built(places: Places, site: Site) -> None:
    """Plugins come from another host than the release."""
    site.publish(VERSION, {**RELEASED, "pulumi": "#!/bin/sh\nexit 1\n"})
    ensure_pulumi(places)
    assert (tools(places) / "source").read_text() == "build\n"


@pytest.mark.usefixtures("unreachable")
def test_a_failed_build_leaves_nothing_half_done(places: Places, go: Programs) -> None:
    """One program does not build: nothing looks complete, the error names the log, a later run succeeds."""
    go.add("go", GO.replace("build*)", 'build*)\n    case "$*" in *command*) echo no space left; exit 1;; esac'))
    with pytest.raises(SetupError, match=r"(?s)go build.*ended with 1.*setup\.log.*no space left"):
        ensure_pulumi(places)
    assert not list(places.cache.glob("pulumi-*[!k]"))
    assert not places.tools_in_use.exists()
    go.add("go", GO)
    ensure_pulumi(places)
    assert complete(places)


@pytest.mark.usefixtures("unreachable")
def test_what_a_killed_run_left_is_removed(places: Places, go: Programs) -> None:
    """SIGKILL leaves the folder aside; the next run does not take it for tools and removes it."""
    leftover = places.cache / "partial-killed" / "tools" / "bin"
    leftover.mkdir(parents=True)
    ensure_pulumi(places)
    assert go.called("go build")
    assert not leftover.exists()


@pytest.mark.usefixtures("programs")
def test_no_debug_log_is_written(places: Places, site: Site) -> None:
    """Where a file stands, the CLI cannot make its folder of logs; older ones go."""
    site.publish(VERSION, RELEASED)
    ensure_pulumi(places)
    logs = tools(places) / "home" / "logs"
    assert logs.is_file()
    logs.unlink()
    logs.mkdir()
    (logs / "pulumi-1.log").write_text("old")
    ensure_pulumi(places)
    assert logs.is_file()


@pytest.mark.usefixtures("unreachable", "go")
def test_changed_go_sources_are_built_anew(places: Places) -> None:
    """The cache is per version: another checkout's tools are never taken for these."""
    ensure_pulumi(places)
    first = tools(places)
    (places.sources / "command" / "run.go").write_text("package main\n")
    ensure_pulumi(places)
    assert tools(places) != first
    assert first.is_dir(), "another checkout may still use them"


def test_the_users_own_pulumi_is_used(places: Places, programs: Programs, site: Site, tmp_path: Path) -> None:
    """With its own home, where missing plugins are installed; nothing is downloaded by us."""
    programs.add("pulumi", f': "${{PULUMI_HOME:=$HOME/.pulumi}}"\n{PULUMI}')
    ensure_pulumi(places)
    assert not site.asked
    assert not places.tools_in_use.exists()
    assert command_line(places)[0] == programs.folder / "pulumi"
    assert "PULUMI_HOME" not in command_line(places)[1]
    assert {p.name for p in (tmp_path / "home/.pulumi/plugins").iterdir()} == {
        "resource-command-v1.2.1", "resource-docker-v5.2.0", "resource-random-v4.21.4",
    }  # fmt: skip


def test_the_users_login_is_left_alone(places: Places, programs: Programs, tmp_path: Path) -> None:
    """Setup neither logs in nor out, and what it writes into the user's home are plugins."""
    credentials = tmp_path / "home" / ".pulumi" / "credentials.json"
    credentials.parent.mkdir(parents=True)
    credentials.write_text('{"current": "https://api.example.org"}')
    programs.add("pulumi", f': "${{PULUMI_HOME:=$HOME/.pulumi}}"\n{PULUMI}')
    ensure_pulumi(places)
    assert credentials.read_text() == '{"current": "https://api.example.org"}'
    assert not [call for call in programs.calls if "login" in call or "logout" in call]


@pytest.mark.parametrize("answer", ["echo v3.218.9", "echo nonsense", "exit 1"])
def test_a_pulumi_that_is_too_old_or_broken_is_passed_over(
    places: Places, programs: Programs, site: Site, capsys: pytest.CaptureFixture[str], answer: str
) -> None:
    """It is said, and our own tools are used."""
    programs.add("pulumi", answer)
    site.publish(VERSION, RELEASED)
    ensure_pulumi(places)
    assert complete(places)
    assert "3.219.0 or later is needed: it is not used" in capsys.readouterr().out


def test_our_own_tools_on_path_are_not_taken_for_the_users(
    places: Places, programs: Programs, site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Setup run from a shell that sourced `activate` chooses as before."""
    site.publish(VERSION, RELEASED)
    ensure_pulumi(places)
    monkeypatch.setenv("PATH", f"{tools(places) / 'bin'}:{programs.folder}")
    ensure_pulumi(places)
    assert complete(places)


@pytest.mark.usefixtures("unreachable", "programs")
@pytest.mark.parametrize(("user", "release", "obstacle"), [
    (1000, "ID=debian\n", "only root can install packages"),
    (0, "ID=fedora\n", "this is not Debian"),
])  # fmt: skip
def test_without_go_it_is_said_what_to_install(
    places: Places, machine: Machine, user: int, release: str, obstacle: str
) -> None:
    """One sentence, no traceback."""
    machine.user(user)
    machine.debian(release)
    with pytest.raises(SetupError) as caught:
        ensure_pulumi(places)
    expected = f"Go is missing, and {obstacle}. Install Go 1.26 or later, or Pulumi itself, then run this again."
    assert str(caught.value) == expected


@pytest.mark.usefixtures("unreachable", "machine")
def test_debians_go_is_installed_by_root(places: Places, programs: Programs) -> None:
    """Where packages may be installed nobody has to do it by hand."""
    script = programs.folder / "module" / "python" / "cmd" / "pulumi-language-python-exec"
    script.parent.mkdir(parents=True)
    script.touch()
    waiting = programs.add("go", GO, folder=programs.folder / "waiting")
    programs.add("apt-get", f'case "$*" in *install*golang-go*) cp {waiting} "$self/go" ;; esac')
    ensure_pulumi(places)
    assert complete(places)


@pytest.mark.usefixtures("unreachable")
def test_a_go_that_is_too_old_fetches_a_newer_one(places: Places, go: Programs) -> None:
    """Debian 12 has 1.19, which cannot fetch by itself the one that go.mod names."""
    fetched = "modules/golang.org/toolchain@v0.0.1-go1.26.8.linux-amd64"
    go.add("go", GO, folder=go.folder / fetched / "bin").chmod(0o444)
    old = """\
case "$*" in
*GOVERSION*) echo go1.19.8 ;;
*"GOOS GOARCH"*) printf 'linux\\namd64\\n' ;;
*GOMODCACHE*) echo "$self/modules" ;;
"mod download golang.org/toolchain@v0.0.1-go1.26.8.linux-amd64") ;;
*) exit 1 ;;
esac"""
    go.add("go", old)
    ensure_pulumi(places)
    assert complete(places)


@pytest.mark.usefixtures("unreachable")
def test_a_go_that_is_too_old_and_fetches_none_is_named(places: Places, programs: Programs) -> None:
    """The reason is Go's own, the cure is ours."""
    programs.add("go", 'case "$1" in env) echo go1.19.8 ;; *) echo no such host; exit 1 ;; esac')
    with pytest.raises(SetupError, match=r"(?s)^go1\.19 is too old .* Install Go 1\.26 or later.*no such host"):
        ensure_pulumi(places)
