"""The tar that becomes the package image."""

import hashlib
import os
import tarfile
import time
from pathlib import Path

import pytest

from cyclos_package import PackageError, read_release, write_web_tar
from tests.unit.cyclos_package.builders import TITLE, folder_of, release_zip, web, zip_of

LONG = "/".join(["static", "a" * 120, "b" * 150, "c.js"])


def members_of(path: Path) -> dict[str, bytes]:
    """Return the files of a tar with their contents."""
    with tarfile.open(path) as tar:
        return {m.name: (tar.extractfile(m) or pytest.fail(f"{m.name} is no file")).read() for m in tar if m.isfile()}


def test_the_tar_holds_the_web_app_at_its_top(tmp_path: Path) -> None:
    """Long and non-ASCII names included; nothing else."""
    members = web({LONG: b"long"})
    write_web_tar(read_release(zip_of(tmp_path / "x.zip", members)), tmp_path / "web.tar")
    assert members_of(tmp_path / "web.tar") == members


def test_zip_and_folder_give_the_same_bytes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The image must not depend on the wrapping, the machine, the user or the hour."""
    folder = folder_of(tmp_path / TITLE / "web", dict(reversed(web({LONG: b"long"}).items())))
    write_web_tar(read_release(folder), tmp_path / "a.tar")
    monkeypatch.setattr(time, "time", lambda: 4e9)
    umask = os.umask(0o077)
    try:
        write_web_tar(read_release(zip_of(tmp_path / "x.war", web({LONG: b"long"}), prefix="")), tmp_path / "b.tar")
    finally:
        os.umask(umask)
    assert (tmp_path / "a.tar").read_bytes() == (tmp_path / "b.tar").read_bytes()
    assert (tmp_path / "b.tar").stat().st_mode & 0o777 == 0o644, "a build of another user must be able to read it"


def test_the_bytes_are_a_promise(tmp_path: Path) -> None:
    """Other bytes under the same digest would make two images of one name."""
    write_web_tar(read_release(release_zip(tmp_path)), tmp_path / "web.tar")
    assert (
        hashlib.sha256((tmp_path / "web.tar").read_bytes()).hexdigest()
        == "b7fa6a7f635301a202302c936324ee70f3385c605abe70f9b4201a073895a6d7"
    )


def test_headers_say_nothing_of_this_machine(tmp_path: Path) -> None:
    """Sorted, with every folder before its files, all of root and of 1970."""
    write_web_tar(read_release(folder_of(tmp_path / "x", web())), tmp_path / "web.tar")
    with tarfile.open(tmp_path / "web.tar") as tar:
        headers = tar.getmembers()
    files = [h.name for h in headers if h.isfile()]
    assert files == sorted(files)
    assert {(h.uid, h.gid, h.uname, h.gname, h.mtime) for h in headers} == {(0, 0, "", "", 0)}
    assert {h.mode for h in headers if h.isfile()} == {0o644}
    assert {h.mode for h in headers if h.isdir()} == {0o755}
    names = [h.name for h in headers]
    assert len(set(names)) == len(names)
    assert all(str(Path(n).parent) in (".", *names[:i]) for i, n in enumerate(names))


def test_the_operators_passwords_stay_out(tmp_path: Path) -> None:
    """An image is copied and kept: no place for a password."""
    installed = web(
        {"WEB-INF/classes/cyclos.properties": b"password = hush", "WEB-INF/classes/cyclos.properties~": b"hush"}
    )
    write_web_tar(read_release(folder_of(tmp_path / "x", installed)), tmp_path / "web.tar")
    assert members_of(tmp_path / "web.tar") == web()
    assert b"hush" not in (tmp_path / "web.tar").read_bytes()


def test_a_tar_that_is_there_is_kept(tmp_path: Path) -> None:
    """The name holds the digest: writing again costs seconds and changes nothing."""
    (tmp_path / "web.tar").write_bytes(b"there")
    write_web_tar(read_release(release_zip(tmp_path)), tmp_path / "web.tar")
    assert (tmp_path / "web.tar").read_bytes() == b"there"


def test_missing_folders_of_the_target_are_made(tmp_path: Path) -> None:
    """build/ does not exist in a fresh clone."""
    write_web_tar(read_release(release_zip(tmp_path)), tmp_path / "build" / "package" / "web.tar")
    assert [file.name for file in (tmp_path / "build" / "package").iterdir()] == ["web.tar"]


@pytest.mark.parametrize("changes", [{"index.html": b"changed"}, {"new": b""}, {"index.html": None}])
def test_a_package_that_changed_meanwhile_leaves_no_tar(tmp_path: Path, changes: dict[str, bytes | None]) -> None:
    """Else the image of one release would carry the name of another."""
    path = zip_of(tmp_path / "x.zip", web())
    release = read_release(path)
    zip_of(path, web(changes))
    with pytest.raises(PackageError) as caught:
        write_web_tar(release, tmp_path / "build" / "web.tar")
    assert str(caught.value) == f'package: "{path}" was changed since it was read; run the command again'
    assert list((tmp_path / "build").iterdir()) == []


def test_a_package_damaged_meanwhile_leaves_no_tar(tmp_path: Path) -> None:
    """Half a file under the final name would be kept for ever."""
    release = read_release(release_zip(tmp_path))
    data = bytearray(release.path.read_bytes())
    data[data.index(b"driver.jar") + 20] ^= 0x55
    release.path.write_bytes(data)
    with pytest.raises(PackageError, match="is damaged"):
        write_web_tar(release, tmp_path / "build" / "web.tar")
    assert list((tmp_path / "build").iterdir()) == []
