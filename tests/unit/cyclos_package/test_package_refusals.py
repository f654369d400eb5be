"""What is refused, and the words that the operator reads then."""

import contextlib
import os
import re
import stat
import zipfile
from pathlib import Path

import pytest

from cyclos_package import PackageError, read_release
from tests.unit.cyclos_package.builders import C3P0, HIKARICP, PROPERTIES, TITLE, folder_of, release_zip, web, zip_of

GIVE = "give the cyclos-X.Y.Z.zip as downloaded, a .war or an extracted folder"
AGAIN = "download cyclos-X.Y.Z.zip again"


def refusal(path: Path) -> str:
    """Read a bad package and return the error's text, with the path shortened."""
    with pytest.raises(PackageError) as caught:
        read_release(path)
    error = caught.value
    assert str(error) == f'{error.key}: "{error.given}" {error.rule}; {error.cure}'
    assert error.given == str(path)
    return str(error).replace(str(path.parent), "…")


def test_a_path_that_is_not_there(tmp_path: Path) -> None:
    """The commonest mistake."""
    assert refusal(tmp_path / "x.zip") == f'package: "…/x.zip" does not exist; {GIVE}'


def test_something_that_is_neither_file_nor_folder(tmp_path: Path) -> None:
    """Reading a pipe would hang the preview."""
    os.mkfifo(tmp_path / "pipe")
    assert refusal(tmp_path / "pipe") == f'package: "…/pipe" is neither a file nor a folder; {GIVE}'


@pytest.mark.parametrize("content", [b"", b"hello", b"\x1f\x8b\x08 a tar.gz", b"<html>login first</html>" * 100])
def test_a_file_that_is_no_zip(tmp_path: Path, content: bytes) -> None:
    """Downloads without a login give a web page."""
    (tmp_path / "x.zip").write_bytes(content)
    assert refusal(tmp_path / "x.zip") == f'package: "…/x.zip" is not a zip file; {GIVE}'


def test_a_download_that_was_cut_short(tmp_path: Path) -> None:
    """The directory of a zip is at its end."""
    path = release_zip(tmp_path)
    path.write_bytes(path.read_bytes()[:-30])
    expected = f'package: "…/{path.name}" is damaged (cut short, or its directory is broken); {AGAIN}'
    assert refusal(path) == expected


@pytest.mark.parametrize("name", [f"{TITLE}/web/index.html", f"{TITLE}/README.txt"])
def test_a_damaged_member_is_found_wherever_it_is(tmp_path: Path, name: str) -> None:
    """Every checksum is tested, of files outside web/ too: a download broken there is broken elsewhere."""
    path = release_zip(tmp_path, [(f"{TITLE}/README.txt", b"read me")])
    with zipfile.ZipFile(path) as archive:
        info = archive.getinfo(name)
    data = bytearray(path.read_bytes())
    data[info.header_offset + 30 + len(name) + info.compress_size // 2] ^= 0x55
    path.write_bytes(data)
    text = refusal(path)
    assert text.startswith(f'package: "…/{path.name}" is damaged (')
    assert text.endswith(f"; {AGAIN}")


def test_no_flipped_byte_gets_past(tmp_path: Path) -> None:
    """A damaged zip is refused or its web app is the same; it never ends in another exception."""
    path = zip_of(tmp_path / "x.zip", {PROPERTIES: HIKARICP, "a": b"b" * 50}, prefix="web/")
    good = read_release(path).sha256
    data = path.read_bytes()
    for position in range(len(data)):
        for broken in (data[:position] + bytes([data[position] ^ 0xFF]) + data[position + 1 :], data[:position]):
            path.write_bytes(broken)
            with contextlib.suppress(PackageError):
                assert read_release(path).sha256 == good


def test_members_that_the_directory_hides(tmp_path: Path) -> None:
    """One wrong length makes Python's own reader miss what follows, without an error."""
    path = zip_of(tmp_path / "x.zip", web(), prefix="web/")
    data = bytearray(path.read_bytes())
    last = data.rindex(b"PK\x01\x02")
    before = data.rindex(b"PK\x01\x02", 0, last)
    data[before + 32] = data.index(b"PK\x05\x06") - last  # a comment that takes in all of the last entry
    path.write_bytes(data)
    assert refusal(path) == f'package: "…/x.zip" is damaged (6 of 7 members found); {AGAIN}'


def test_bytes_behind_the_end(tmp_path: Path) -> None:
    """Two zips in a row: readers differ in which one they take."""
    path = release_zip(tmp_path)
    path.write_bytes(path.read_bytes() + b"more")
    assert refusal(path) == f'package: "…/{path.name}" is damaged (there is something behind its end); {AGAIN}'


@pytest.mark.parametrize("kind", ["zip", "folder"])
def test_no_web_folder(tmp_path: Path, kind: str) -> None:
    """The sources of Cyclos, or any other zip."""
    members = {"cyclos/README.txt": b"x", "cyclos/src/web/A.java": b"x", "website/a": b"", "web": b"a file"}
    path = zip_of(tmp_path / "x.zip", members, prefix="") if kind == "zip" else folder_of(tmp_path / "x", members)
    assert refusal(path) == f'package: "…/{path.name}" holds no web/ folder (nor WEB-INF/ at its top); {GIVE}'


def test_two_web_apps(tmp_path: Path) -> None:
    """Guessing would deploy the wrong one half of the time."""
    path = release_zip(tmp_path, [("cyclos-4.16.2/web/index.html", b"")])
    rule = "holds more than one web app (cyclos-4.16.2/web/, cyclos-4.16.3/web/)"
    assert refusal(path) == f'package: "…/{path.name}" {rule}; {GIVE}'


@pytest.mark.parametrize("kind", ["zip", "war", "folder"])
def test_no_release_properties(tmp_path: Path, kind: str) -> None:
    """Any other web app."""
    members = web({PROPERTIES: None})
    paths = {
        "zip": zip_of(tmp_path / "x.zip", members),
        "war": zip_of(tmp_path / "x.war", members, prefix=""),
        "folder": folder_of(tmp_path / "x", members),
    }
    path = paths[kind]
    assert refusal(path) == (
        f'package: "…/{path.name}" is not a Cyclos release: its web app holds no {PROPERTIES}; {GIVE}'
    )


@pytest.mark.parametrize(
    ("name", "danger"),
    [
        ("/etc/passwd", "has an absolute path"),
        ("C:/Windows/a", "has an absolute path"),
        ("c:a", "has an absolute path"),
        ("../a", 'has ".", ".." or nothing as a part of its path'),
        (f"{TITLE}/web/../../../a", 'has ".", ".." or nothing as a part of its path'),
        (f"{TITLE}/web/..", 'has ".", ".." or nothing as a part of its path'),
        (f"{TITLE}/../", 'has ".", ".." or nothing as a part of its path'),
        (f"{TITLE}/web/./a", 'has ".", ".." or nothing as a part of its path'),
        (f"{TITLE}/web//a", 'has ".", ".." or nothing as a part of its path'),
        ("a\\..\\b", "has a backslash in its name"),
        ("\\\\host\\a", "has a backslash in its name"),
        (f"{TITLE}/web/a\nb", "has a name that cannot be printed"),
        (f"{TITLE}/web/\x1b[2Ja", "has a name that cannot be printed"),
    ],
)
def test_a_member_that_would_leave_its_folder(tmp_path: Path, name: str, danger: str) -> None:
    """Zip slip, in every spelling; the name is shown in ASCII, as it may be made to mislead."""
    path = release_zip(tmp_path, [(name, b"")])
    shown = ascii(name.removesuffix("/"))
    expected = f'package: "…/{path.name}" is not safe to unpack: member {shown} {danger}; {AGAIN}'
    assert refusal(path) == expected


def test_a_name_that_hides_its_end_behind_a_nul(tmp_path: Path) -> None:
    """Python stops reading the name at the NUL, other tools do not."""
    path = release_zip(tmp_path, [(f"{TITLE}/web/page.htmlX.jsp", b"")])
    path.write_bytes(path.read_bytes().replace(b"page.htmlX.jsp", b"page.html\0.jsp"))
    assert "has a name that cannot be printed" in refusal(path)


def test_a_name_in_a_zip_that_is_not_utf_8(tmp_path: Path) -> None:
    """Every tool would guess another encoding, and so another name."""
    path = release_zip(tmp_path, [(f"{TITLE}/web/caf_.svg", b"")])
    path.write_bytes(path.read_bytes().replace(b"caf_.svg", b"caf\xe9.svg"))
    rule = f"is not safe to unpack: the name of member '{TITLE}/web/caf\\u0398.svg' is not UTF-8"
    assert refusal(path) == f'package: "…/{path.name}" {rule}; pack it again with names in UTF-8'


@pytest.mark.parametrize("place", [f"{TITLE}/web/link", f"{TITLE}/link"])
def test_a_link_in_a_zip(tmp_path: Path, place: str) -> None:
    """Unpacked as a link it leads anywhere; unpacked as a file it is broken."""
    info = zipfile.ZipInfo(place)
    info.external_attr = (stat.S_IFLNK | 0o777) << 16
    path = release_zip(tmp_path, [(info, b"/etc/passwd")])
    rule = f'holds the symbolic link "{place}", which a Cyclos release never does'
    assert refusal(path) == f'package: "…/{path.name}" {rule}; {GIVE}'


def test_a_device_in_a_zip(tmp_path: Path) -> None:
    """Neither file nor folder."""
    info = zipfile.ZipInfo(f"{TITLE}/web/null")
    info.external_attr = (stat.S_IFCHR | 0o666) << 16
    path = release_zip(tmp_path, [(info, b"")])
    rule = f'holds "{TITLE}/web/null", which is neither a file nor a folder'
    assert refusal(path) == f'package: "…/{path.name}" {rule}; {GIVE}'


@pytest.mark.parametrize(
    ("target", "rule"),
    [
        ("/etc/passwd", "leads outside it"),
        ("../outside.txt", "leads outside it"),
        ("../", "leads outside it"),
        ("WEB-INF", "does not lead to a file"),
        ("nowhere", "does not lead to a file"),
        ("link", "does not lead to a file"),
        ("WEB-INF/classes/cyclos.properties", "leads outside it"),
    ],
)
def test_a_link_in_a_folder(tmp_path: Path, target: str, rule: str) -> None:
    """Its target would end up in the image: a file of the machine, or the passwords of another installation."""
    (tmp_path / "outside.txt").write_text("secret")
    path = folder_of(tmp_path / "x", web({"WEB-INF/classes/cyclos.properties": b"hush"}))
    (path / "link").symlink_to(target)
    expected = f'holds the symbolic link "…/x/link", which {rule}; put a copy of the file in its place'
    assert refusal(path) == f'package: "…/x" {expected}'


def test_a_pipe_in_a_folder(tmp_path: Path) -> None:
    """Reading it would hang."""
    path = folder_of(tmp_path / "x", web())
    os.mkfifo(path / "pipe")
    assert 'holds "…/x/pipe", which is neither a file nor a folder' in refusal(path)


def test_a_name_in_a_folder_that_is_not_utf_8(tmp_path: Path) -> None:
    """No tar or image can spell it alike everywhere."""
    path = folder_of(tmp_path / "x", web())
    Path(os.fsdecode(os.fsencode(path) + b"/caf\xe9")).write_bytes(b"")
    assert r"member 'caf\udce9' has a name that cannot be printed" in refusal(path)


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_a_member_that_is_there_twice(tmp_path: Path) -> None:
    """Tools differ in which one wins, so what was checked need not be what runs."""
    path = release_zip(tmp_path, [(f"{TITLE}/web/index.html", b"other")])
    assert refusal(path) == f'package: "…/{path.name}" holds "{TITLE}/web/index.html" twice; {AGAIN}'


@pytest.mark.parametrize(
    ("first", "second"),
    [("a/Page.html", "a/page.html"), ("lib/x", "LIB/y"), ("e\u0301", "\xe9"), ("STRASSE", "straße")],
)
@pytest.mark.parametrize("kind", ["zip", "folder"])
def test_names_that_differ_only_in_case(tmp_path: Path, kind: str, first: str, second: str) -> None:
    """On some file systems one overwrites the other. The error names both."""
    members = web({first: b"", second: b""})
    path = zip_of(tmp_path / "x.war", members, prefix="") if kind == "zip" else folder_of(tmp_path / "x", members)
    text = refusal(path)
    assert re.search('holds ".+" and ".+", which differ only in case', text)
    assert text.endswith(AGAIN)


@pytest.mark.parametrize("names", [("a", "a/b"), ("a/b", "a"), ("a/", "a"), ("a", "a/")])
def test_a_name_that_is_file_and_folder(tmp_path: Path, names: tuple[str, str]) -> None:
    """It cannot be unpacked."""
    path = release_zip(tmp_path, [(name, b"") for name in names])
    assert f'"…/{path.name}" holds "a" both as a file and as a folder; {AGAIN}' in refusal(path)


def test_an_encrypted_member(tmp_path: Path) -> None:
    """Nobody can be asked for the password in the middle of `pulumi up`."""
    path = release_zip(tmp_path)
    data = bytearray(path.read_bytes())
    data[data.index(b"PK\x01\x02") + 8] |= 1
    path.write_bytes(data)
    rule = f'is encrypted (member "{TITLE}/web/index.html")'
    assert refusal(path) == f'package: "…/{path.name}" {rule}; give it without a password'


@pytest.mark.parametrize(("method", "number"), [(zipfile.ZIP_BZIP2, 12), (zipfile.ZIP_LZMA, 14)])
def test_a_method_that_unpacks_without_bounds(tmp_path: Path, method: int, number: int) -> None:
    """One chunk of it can take all memory before anything is counted."""
    path = zip_of(tmp_path / "x.zip", web(), method=method)
    rule = f'packs "{TITLE}/web/index.html" by method {number}; only stored and deflated are read'
    assert refusal(path) == f'package: "…/x.zip" {rule}; {GIVE}'


@pytest.mark.parametrize(
    ("content", "rule"),
    [
        (b"cyclos.license=x\n", "sets neither {h} nor {c}"),
        (b"#cyclos.datasource.dataSource.user = a\n", "sets neither {h} nor {c}"),
        (b"", "sets neither {h} nor {c}"),
        (HIKARICP + C3P0, "sets both {h} and {c}"),
    ],
)
def test_a_release_of_no_known_flavour(tmp_path: Path, content: bytes, rule: str) -> None:
    """Writing the wrong keys would start Cyclos with its own default database."""
    keys = {"h": "cyclos.datasource.dataSource.*", "c": "cyclos.datasource.jdbcUrl, user or password"}
    path = zip_of(tmp_path / "x.zip", web({PROPERTIES: content}))
    cure = "give a Cyclos 4 release as the vendor ships it"
    assert refusal(path) == f'package: "…/x.zip" {rule.format(**keys)} in {PROPERTIES}; {cure}'


def test_properties_with_a_broken_escape(tmp_path: Path) -> None:
    """Java would refuse to read the file at the first start."""
    path = zip_of(tmp_path / "x.zip", web({PROPERTIES: HIKARICP + b"a = \\u12\n"}))
    rule = f"has a broken {PROPERTIES} (Invalid \\u escape sequence: \\u12)"
    assert refusal(path) == f'package: "…/x.zip" {rule}; {AGAIN}'
