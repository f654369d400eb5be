"""Image names: the same content, the same name; other content, another name."""

from pathlib import Path

import pytest

from core.images import Image, folder_digest


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A build context of two files."""
    (tmp_path / "bin").mkdir()
    (tmp_path / "Dockerfile").write_text("FROM scratch\n")
    (tmp_path / "bin" / "serve").write_text("#!/bin/sh\n")
    return tmp_path


def test_content_decides(folder: Path) -> None:
    """Text, name and mode of every file."""
    digests = [folder_digest(folder)]
    (folder / "bin" / "serve").write_text("#!/bin/sh\nexit\n")
    digests.append(folder_digest(folder))
    (folder / "bin" / "serve").chmod(0o755)
    digests.append(folder_digest(folder))
    (folder / "bin" / "serve").rename(folder / "bin" / "start")
    digests.append(folder_digest(folder))
    assert len(set(digests)) == 4


@pytest.mark.parametrize("name", ["artefacts/tomcat.tar.gz", "web.tar"])
def test_what_is_fetched_does_not_decide(folder: Path, name: str) -> None:
    """It is pinned elsewhere; a name must not change because a download has happened."""
    before = folder_digest(folder)
    path = folder / name
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(b"x")
    assert folder_digest(folder) == before


def test_arguments_and_foreign_content_decide() -> None:
    """Another base image, another release: another name."""
    images = [
        Image("nginx", "images/nginx", {"BASE": "a"}),
        Image("nginx", "images/nginx", {"BASE": "b"}),
        Image("nginx", "images/nginx", {"BASE": "a"}, digest="0"),
    ]
    assert len({image.name for image in images}) == 3
