"""A checkout, a cache and a PATH of the test's own."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.toolchain.machine import Machine
from tests.toolchain.stand_ins import Programs, Site, serving
from toolchain.places import Places
from toolchain.pulumi_versions import SITE_VARIABLE

ROOT = Path(__file__).parent.parent.parent


@pytest.fixture
def places(tmp_path: Path) -> Places:
    """A checkout with the real lock file and tiny Go sources."""
    made = Places(root=tmp_path / "checkout", cache=tmp_path / "cache")
    made.sources.mkdir(parents=True)
    shutil.copy(ROOT / "toolchain" / "pulumi.toml", made.root / "toolchain")
    for folder in ("cli", "language", "command", "docker", "random"):
        (made.sources / folder).mkdir()
        (made.sources / folder / "go.mod").write_text(f"module {folder}\n")
    return made


@pytest.fixture
def programs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Programs:
    """Nothing on PATH but what the test puts there, and none of the user's settings."""
    made = Programs(tmp_path / "programs")
    monkeypatch.setenv("PATH", str(made.folder))
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    for name in (
        "DOCKER_HOST", "DOCKER_CONTEXT", "PULUMI_HOME", "PULUMI_BACKEND_URL", "PULUMI_CONFIG_PASSPHRASE",
        "PULUMI_CONFIG_PASSPHRASE_FILE", "PULUMI_ACCESS_TOKEN",
    ):  # fmt: skip
        monkeypatch.setenv(name, "")  # so that it is put back even when the test has set it
        monkeypatch.delenv(name)
    return made


@pytest.fixture
def site(places: Places, monkeypatch: pytest.MonkeyPatch) -> Iterator[Site]:
    """The vendor's site, empty."""
    with serving(places.root / "toolchain" / "pulumi.toml") as made:
        monkeypatch.setenv(SITE_VARIABLE, made.url)
        yield made


@pytest.fixture
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Machine:
    """Debian, root, no systemd; a test changes what it is about."""
    made = Machine(tmp_path, monkeypatch)
    made.debian()
    made.user(0)
    return made
