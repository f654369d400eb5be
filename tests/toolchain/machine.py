"""The kind of machine that setup believes to be on."""

from pathlib import Path

import pytest

from toolchain import debian, engine


class Machine:
    """What kind of machine setup believes to be on."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self._folder = folder
        self._monkeypatch = monkeypatch
        monkeypatch.setattr(engine, "SYSTEMD", folder / "systemd")
        monkeypatch.setattr(engine, "POLL_SECONDS", 0.02)

    def debian(self, text: str = 'ID=debian\nVERSION_ID="13"\n') -> None:
        """Set what /etc/os-release says."""
        release = self._folder / "os-release"
        release.write_text(text)
        self._monkeypatch.setattr(debian, "RELEASE_FILE", release)

    def user(self, number: int) -> None:
        """Set who runs setup."""
        self._monkeypatch.setattr("os.geteuid", lambda: number)

    def systemd(self) -> None:
        """Let systemd run."""
        (self._folder / "systemd").mkdir()
