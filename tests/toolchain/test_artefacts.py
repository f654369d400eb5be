"""Artefacts: verified, cached, placed."""

import hashlib
from pathlib import Path

import pytest

from toolchain import artefacts
from toolchain.artefacts import ArtefactError, Pinned, cache, place

CONTENT = b"a library"


class Downloader:
    """Delivers the same content for every artefact and counts."""

    count = 0

    def download(self, _artefact: object, filename: str) -> None:
        """Write the content."""
        type(self).count += 1
        Path(filename).write_bytes(CONTENT)


@pytest.fixture(autouse=True)
def _checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(artefacts, "ROOT", tmp_path / "checkout")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setattr(artefacts, "Downloader", Downloader)
    Downloader.count = 0


def library(sha512: str) -> Pinned:
    """An entry of the lock file."""
    return Pinned("org.example:library:1.0", sha512, "demo/artefacts")


def test_an_artefact_is_placed_without_its_version() -> None:
    """Downloaded once; a second run and a second checkout take it from the cache."""
    pinned = library(hashlib.sha512(CONTENT).hexdigest())
    target = artefacts.ROOT / "demo" / "artefacts" / "library.jar"
    assert place(pinned)
    assert target.read_bytes() == CONTENT
    assert not place(pinned), "nothing to do"
    target.unlink()
    assert place(pinned)
    assert Downloader.count == 1


def test_an_artefact_with_another_sha512_is_refused() -> None:
    """Neither cached nor placed."""
    with pytest.raises(ArtefactError, match=r"org\.example:library:1\.0 is not what was pinned: SHA-512 \w{128}"):
        place(library("0" * 128))
    assert not list(cache().iterdir())
    assert not (artefacts.ROOT / "demo").exists()


def test_a_damaged_cache_is_not_trusted() -> None:
    """It is downloaded again."""
    pinned = library(hashlib.sha512(CONTENT).hexdigest())
    place(pinned)
    target = artefacts.ROOT / "demo" / "artefacts" / "library.jar"
    target.unlink()
    next(cache().iterdir()).write_bytes(b"damaged")
    assert place(pinned)
    assert target.read_bytes() == CONTENT


def test_a_connection_that_breaks_off_is_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    """No traceback from the library below."""

    def break_off(*_arguments: object) -> None:
        raise ConnectionResetError("reset by peer")

    monkeypatch.setattr(Downloader, "download", break_off)
    with pytest.raises(ArtefactError, match=r"library:1\.0 cannot be downloaded: reset by peer"):
        place(library("0" * 128))


def test_a_changed_file_is_replaced() -> None:
    """What is built from is what was pinned."""
    pinned = library(hashlib.sha512(CONTENT).hexdigest())
    place(pinned)
    target = artefacts.ROOT / "demo" / "artefacts" / "library.jar"
    target.write_bytes(b"another")
    assert place(pinned)
    assert target.read_bytes() == CONTENT
