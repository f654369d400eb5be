"""Artefacts: verified, cached, placed."""

import hashlib
import os
import ssl
import subprocess
import sys
from collections.abc import Iterator
from functools import partial
from http.server import HTTPServer, SimpleHTTPRequestHandler
from pathlib import Path
from threading import Thread

import pytest

from core.certificates import certificates
from toolchain import artefacts
from toolchain.artefacts import ArtefactError, Pinned, cache, place

CONTENT = b"a library"
PLACE = """
import sys
from maven_artifact.downloader import Downloader
from toolchain import artefacts
url, sha512 = sys.argv[1:]
sys.argv[1:] = []
artefacts.Downloader = lambda: Downloader(base=url)
artefacts.ROOT = artefacts.cache()
artefacts.pinned = lambda: [artefacts.Pinned("org.example:library:1.0", sha512, "demo/artefacts")]
artefacts.main()
"""


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


@pytest.fixture
def mirror(tmp_path: Path) -> Iterator[tuple[str, Path]]:
    """A repository behind TLS: its URL, and the certificate of an authority that nobody knows."""
    authority, pair = tmp_path / "authority.pem", tmp_path / "pair.pem"
    texts = certificates(["127.0.0.1"])
    authority.write_text(texts["authority"])
    pair.write_text(texts["member_key"] + texts["member_certificate"])
    folder = tmp_path / "mirror" / "org" / "example" / "library" / "1.0"
    folder.mkdir(parents=True)
    (folder / "library-1.0.jar").write_bytes(CONTENT)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pair)
    server = HTTPServer(("127.0.0.1", 0), partial(SimpleHTTPRequestHandler, directory=str(tmp_path / "mirror")))
    server.socket = context.wrap_socket(server.socket, server_side=True)
    Thread(target=server.serve_forever, daemon=True).start()
    yield f"https://127.0.0.1:{server.server_port}", authority
    server.shutdown()


@pytest.mark.parametrize("trusted", [True, False])
def test_the_networks_own_authority_is_believed_if_the_machine_does(mirror: tuple[str, Path], trusted: bool) -> None:
    """As behind a company's proxy: Debian's list has it, the one that comes with Python's libraries has not."""
    url, authority = mirror
    environment = {name: value for name, value in os.environ.items() if not name.endswith(("_BUNDLE", "_CERT_DIR"))}
    environment["SSL_CERT_FILE"] = str(authority) if trusted else os.devnull
    command = [sys.executable, "-c", PLACE, url, hashlib.sha512(CONTENT).hexdigest()]
    done = subprocess.run(command, env=environment, check=False, capture_output=True, text=True)
    assert ("CERTIFICATE_VERIFY_FAILED" in done.stderr) != trusted, done.stderr
    assert bool(list(cache().glob("*"))) == trusted
