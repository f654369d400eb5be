"""What is read from a good package, whatever it comes in."""

import os
import zipfile
from pathlib import Path

import pytest

from cyclos_package import Flavour, PackageError, read_release
from tests.unit.cyclos_package.builders import (
    C3P0,
    HIKARICP,
    PROPERTIES,
    TITLE,
    folder_of,
    release_zip,
    web,
    zip_of,
)

INSTALLED = "WEB-INF/classes/cyclos.properties"


def test_a_release_says_what_it_is(tmp_path: Path) -> None:
    """These fields decide the image name and the property file."""
    path = release_zip(tmp_path, [(f"{TITLE}/README.txt", b"read me"), (f"{TITLE}/web/empty/", b"")])
    release = read_release(path)
    assert (release.path, release.version, release.flavour) == (path, "4.16.3", Flavour.HIKARICP)
    assert (release.file_count, release.size_bytes) == (len(web()), sum(map(len, web().values())))
    assert len(release.sha256) == 64


def test_the_properties_are_read_as_java_reads_them(tmp_path: Path) -> None:
    """A .properties file is ISO-8859-1: each byte is a character, so that writing gives the same bytes back."""
    text = read_release(release_zip(tmp_path)).release_properties
    assert text.startswith("# Café\n")
    assert text.encode("iso-8859-1") == HIKARICP


def test_line_ends_of_the_properties_are_kept(tmp_path: Path) -> None:
    """A release made on Windows keeps its own."""
    content = HIKARICP.replace(b"\n", b"\r\n")
    path = zip_of(tmp_path / "a.zip", web({PROPERTIES: content}))
    assert read_release(path).release_properties.encode("iso-8859-1") == content


def test_the_text_of_the_properties_is_not_shown_by_repr(tmp_path: Path) -> None:
    """A repr ends up in messages, and the file is long."""
    assert "localhost" not in repr(read_release(release_zip(tmp_path)))


def test_the_old_data_source_is_recognised(tmp_path: Path) -> None:
    """Cyclos 4.0 uses C3P0 and its own keys."""
    assert read_release(zip_of(tmp_path / "a.zip", web({PROPERTIES: C3P0}))).flavour is Flavour.C3P0


def test_a_commented_key_does_not_decide_the_flavour(tmp_path: Path) -> None:
    """Only what Java reads counts."""
    content = HIKARICP + b"#cyclos.datasource.jdbcUrl = jdbc:x\n"
    assert read_release(zip_of(tmp_path / "a.zip", web({PROPERTIES: content}))).flavour is Flavour.HIKARICP


def test_zip_war_and_folders_of_the_same_content_have_one_digest(tmp_path: Path) -> None:
    """The image name must not change with the wrapping, the order, the times, the modes or empty folders."""
    shuffled = dict(reversed(web().items()))
    old = zipfile.ZipInfo(f"{TITLE}/web/empty/", (1999, 1, 2, 3, 4, 6))
    release = folder_of(tmp_path / TITLE / "web", shuffled)
    (release / "nothing").mkdir()
    (release / "index.html").chmod(0o755)
    paths = [
        release_zip(tmp_path, [(old, b""), (f"{TITLE}/README.txt", b"x")]),
        zip_of(tmp_path / "stored.zip", shuffled, prefix="web/", method=zipfile.ZIP_STORED),
        zip_of(tmp_path / "cyclos.war", shuffled, prefix=""),
        release,
        release.parent,
    ]
    assert len({read_release(path).sha256 for path in paths}) == 1


def test_the_digest_depends_on_names_and_contents(tmp_path: Path) -> None:
    """Another release must never be taken for this one; moving bytes between files is a change too."""
    variants: list[dict[str, bytes | None]] = [
        {},
        {"index.html": b"<p>Other</p>"},
        {"index.html": None},
        {"a": b""},
        {"a": b"12", "b": b""},
        {"a": b"1", "b": b"2"},
    ]
    paths = [zip_of(tmp_path / f"{n}.zip", web(changes)) for n, changes in enumerate(variants)]
    assert len({read_release(path).sha256 for path in paths}) == len(variants)


def test_the_digest_is_a_promise(tmp_path: Path) -> None:
    """It names images on users' machines: a change of the formula would replace them all."""
    release = read_release(release_zip(tmp_path))
    assert release.sha256 == "bd58654051855c88be5382e6c4d491770279d6c3bb68e8fe8f6c07a7f2898794"


@pytest.mark.parametrize(
    ("file_name", "prefix", "version"),
    [
        ("download.zip", "cyclos-4.16.3/web/", "4.16.3"),
        ("cyclos-4.16.3.zip", "web/", "4.16.3"),
        ("cyclos-4.16.3-rc1.war", "", "4.16.3-rc1"),
        ("cyclos-4.16.zip", "cyclos/web/", "4.16"),
        ("cyclos.zip", "web/", "unknown"),
    ],
)
def test_the_version_comes_from_a_name(tmp_path: Path, file_name: str, prefix: str, version: str) -> None:
    """The folder in the zip is the vendor's own word; a download may have been renamed."""
    assert read_release(zip_of(tmp_path / file_name, web(), prefix=prefix)).version == version


def test_the_version_of_a_folder_is_not_cut_at_its_last_dot(tmp_path: Path) -> None:
    """A folder's name has no suffix."""
    folder = folder_of(tmp_path / TITLE / "web", web())
    assert {read_release(path).version for path in (folder, folder.parent)} == {"4.16.3"}


def test_the_manifest_gives_the_version_when_no_name_does(tmp_path: Path) -> None:
    """A .war is often called ROOT.war."""
    manifest = b"Manifest-Version: 1.0\r\nImplementation-Version: 4.16.5\r\n"
    path = zip_of(tmp_path / "ROOT.war", web({"META-INF/MANIFEST.MF": manifest}), prefix="")
    assert read_release(path).version == "4.16.5"


def test_a_war_may_have_a_web_folder_of_its_own(tmp_path: Path) -> None:
    """WEB-INF at the top decides where the web app starts."""
    path = zip_of(tmp_path / "ROOT.war", web({"web/page.html": b"x", "x/web/y": b""}), prefix="")
    assert read_release(path).file_count == len(web()) + 2


@pytest.mark.parametrize(
    "name", [INSTALLED, f"{INSTALLED}.bak", f"{INSTALLED}~", "WEB-INF/classes/.cyclos.properties.swp"]
)
def test_the_operators_own_properties_are_no_part_of_a_release(tmp_path: Path, name: str) -> None:
    """They hold passwords, and differ between two machines with the same release."""
    plain = read_release(release_zip(tmp_path))
    installed = web({name: b"cyclos.datasource.dataSource.password = hush\n"})
    assert read_release(folder_of(tmp_path / "folder", installed)).sha256 == plain.sha256
    assert read_release(zip_of(tmp_path / "a.war", installed, prefix="")).sha256 == plain.sha256


def test_a_link_inside_the_folder_is_read_as_the_file_it_leads_to(tmp_path: Path) -> None:
    """Deployment tools make such links; the content is what counts."""
    copied = read_release(folder_of(tmp_path / "copied", web({"home.html": web()["index.html"]})))
    linked = folder_of(tmp_path / "linked", web())
    (linked / "home.html").symlink_to("index.html")
    assert read_release(linked).sha256 == copied.sha256


def test_the_folder_itself_may_be_a_link(tmp_path: Path) -> None:
    """`current -> cyclos-4.16.3` is a habit of operators."""
    folder_of(tmp_path / TITLE / "web", web())
    (tmp_path / "current").symlink_to(TITLE)
    release = read_release(tmp_path / "current")
    assert (release.version, release.path) == ("4.16.3", tmp_path / "current")


def test_names_in_utf_8_need_no_flag(tmp_path: Path) -> None:
    """Zip on Linux writes UTF-8 without saying so; read as CP437, the digest would not be that of the folder."""
    path = zip_of(tmp_path / "x.zip", web())
    good = read_release(path).sha256
    data = bytearray(path.read_bytes())
    name = f"{TITLE}/web/images/café.svg".encode()
    local = data.index(name) - 30
    central = data.rindex(name) - 46
    data[local + 7] &= ~0x08
    data[central + 9] &= ~0x08
    path.write_bytes(data)
    with zipfile.ZipFile(path) as archive:
        assert f"{TITLE}/web/images/café.svg" not in archive.namelist(), "the flag must be gone"
    assert read_release(path).sha256 == good


def test_a_zip_with_a_comment_is_read(tmp_path: Path) -> None:
    """Build servers leave their mark there."""
    path = release_zip(tmp_path)
    with zipfile.ZipFile(path, "a") as archive:
        archive.comment = b"built by hand"
    assert read_release(path)


def test_a_relative_path_works(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """`pulumi config set package ../cyclos-4.16.3` is what people type."""
    folder_of(tmp_path / TITLE / "web", web())
    monkeypatch.chdir(tmp_path / TITLE / "web")
    assert read_release(Path()).file_count == read_release(Path("..")).file_count == len(web())


def test_an_unreadable_file_is_reported(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Root reads everything, so the refusal of the system is played here."""

    def refuse(_: object) -> None:
        raise PermissionError(13, "Permission denied")

    folder = folder_of(tmp_path / "a", web())
    monkeypatch.setattr(os, "scandir", refuse)
    with pytest.raises(PackageError) as caught:
        read_release(folder)
    assert str(caught.value) == (
        f'package: "{folder}" cannot be read (Permission denied); check the path and its permissions'
    )
