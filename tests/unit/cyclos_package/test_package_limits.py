"""Bombs: packages that are small on disk and take all of it when unpacked."""

import io
import struct
import zipfile
from pathlib import Path

import pytest

from cyclos_package import Limits, PackageError, read_release
from cyclos_package.limits import MIB, Budget
from cyclos_package.source import Member
from tests.unit.cyclos_package.builders import PROPERTIES, folder_of, release_zip, web, zip_of


def refusal(path: Path, limits: Limits) -> str:
    """Read a package under small limits and return the rule that it breaks."""
    with pytest.raises(PackageError) as caught:
        read_release(path, limits=limits)
    return caught.value.rule


def announce(path: Path, member: str, size: int) -> None:
    """Forge the unpacked size of a member in both of its headers."""
    data = bytearray(path.read_bytes())
    with zipfile.ZipFile(path) as archive:
        local = archive.getinfo(member).header_offset
    central = data.index(member.encode(), data.index(b"PK\x01\x02")) - 46
    struct.pack_into("<I", data, local + 22, size)
    struct.pack_into("<I", data, central + 24, size)
    path.write_bytes(data)


def test_a_zip_bomb_is_refused_by_default(tmp_path: Path) -> None:
    """80 MiB of zeros pack a thousand to one."""
    path = zip_of(tmp_path / "x.zip", web({"zeros": bytes(80 * MIB)}))
    with pytest.raises(PackageError) as caught:
        read_release(path)
    rule = "unpacks to more than 100 times its size, as only a zip bomb does"
    cure = "give the cyclos-X.Y.Z.zip as downloaded, a .war or an extracted folder"
    assert str(caught.value) == f'package: "{path}" {rule}; {cure}'


def test_a_small_file_may_pack_well(tmp_path: Path) -> None:
    """The ratio counts only where it can hurt."""
    assert read_release(zip_of(tmp_path / "x.zip", web({"zeros": bytes(MIB)})))


@pytest.mark.parametrize("kind", ["zip", "folder"])
def test_the_unpacked_size_is_bounded(tmp_path: Path, kind: str) -> None:
    """Stored files have no ratio; folders neither."""
    members = web({"a": bytes(MIB), "b": bytes(MIB)})
    stored = zipfile.ZIP_STORED
    path = (
        folder_of(tmp_path / "x", members) if kind == "folder" else zip_of(tmp_path / "x.zip", members, method=stored)
    )
    rule = "unpacks to more than 1 MiB, which no Cyclos release does"
    assert refusal(path, Limits(unpacked_bytes=MIB)) == rule


def test_files_outside_the_web_app_count_too(tmp_path: Path) -> None:
    """They are unpacked to test their checksums."""
    path = release_zip(tmp_path, [("cyclos-4.16.3/zeros", bytes(MIB))])
    assert refusal(path, Limits(ratio_from_bytes=0)).startswith("unpacks to more than 100 times")


@pytest.mark.parametrize("kind", ["zip", "folder"])
def test_the_number_of_files_is_bounded(tmp_path: Path, kind: str) -> None:
    """A million empty files take no space and all inodes."""
    members = web({f"empty/{n}": b"" for n in range(30)})
    path = folder_of(tmp_path / "x", members) if kind == "folder" else zip_of(tmp_path / "x.zip", members)
    assert refusal(path, Limits(members=30)) == "holds more than 30 files, which no Cyclos release does"


@pytest.mark.parametrize("size", [1, 10 * MIB + 1])
def test_a_forged_size_is_found(tmp_path: Path, size: int) -> None:
    """Too small: the check before reading passes, the reading does not. Too large: the file ends early."""
    path = zip_of(tmp_path / "x.zip", web({"zeros": bytes(MIB)}), prefix="web/")
    announce(path, "web/zeros", size)
    assert refusal(path, Limits()).startswith("is damaged (")


def test_what_is_read_is_counted_not_what_was_announced() -> None:
    """A file that grows while it is read stops at the limit, not at the end of memory."""
    budget = Budget(Path("x"), Limits(unpacked_bytes=3 * MIB), packed_bytes=None)
    stream = io.BytesIO(bytes(50 * MIB))
    with pytest.raises(PackageError, match="unpacks to more than 3 MiB"):
        for _ in Member("a", 1, lambda: stream).chunks(budget):
            pass
    assert stream.closed


@pytest.mark.parametrize("name", [PROPERTIES, "WEB-INF/web.xml", "META-INF/MANIFEST.MF"])
def test_a_text_that_is_kept_in_memory_is_bounded(tmp_path: Path, name: str) -> None:
    """These three are small in every release."""
    path = zip_of(tmp_path / "x.zip", web({name: b"#" * 3000}))
    assert refusal(path, Limits(text_bytes=2000)) == f"has a {name} of more than 2000 bytes"
