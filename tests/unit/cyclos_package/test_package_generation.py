"""Which web apps Tomcat 9 can run."""

from pathlib import Path

import pytest

from cyclos_package import PackageError, read_release
from tests.unit.cyclos_package.builders import web, zip_of

WEB_XML = "WEB-INF/web.xml"
JAKARTA = "https://jakarta.ee/xml/ns/jakartaee"
CURE = "give a Cyclos release for Tomcat 9 (Servlet 4.0, javax.servlet)"
CLASS = "WEB-INF/classes/org/cyclos/Start.class"


@pytest.mark.parametrize(
    ("changes", "sign"),
    [
        ({WEB_XML: f'<web-app xmlns="{JAKARTA}" version="5.0"/>'.encode()}, f"{WEB_XML} has the namespace {JAKARTA}"),
        ({WEB_XML: f'<w:web-app xmlns:w="{JAKARTA}"/>'.encode()}, f"{WEB_XML} has the namespace {JAKARTA}"),
        ({WEB_XML: b'<!-- version="4.0" -->\n<web-app\nversion="6.0">'}, f"{WEB_XML} has version 6.0"),
        ({WEB_XML: '<web-app version="5.0"/>'.encode("utf-16")}, f"{WEB_XML} has version 5.0"),
        ({"WEB-INF/lib/jakarta.servlet-api-5.0.0.jar": b""}, "it holds jakarta.servlet-api-5.0.0.jar"),
        ({"WEB-INF/lib/jakarta.servlet-api-6.1.0.jar": b""}, "it holds jakarta.servlet-api-6.1.0.jar"),
        (
            {"WEB-INF/classes/jakarta/servlet/Servlet.class": b""},
            "it holds WEB-INF/classes/jakarta/servlet/Servlet.class",
        ),
        ({CLASS: b"\xca\xfe\xba\xbe\x01\0\x17jakarta/servlet/Servlet"}, "its classes use jakarta.servlet"),
    ],
)
def test_a_web_app_for_tomcat_10_is_refused(tmp_path: Path, changes: dict[str, bytes | None], sign: str) -> None:
    """It would deploy, and answer 404 to everything."""
    path = zip_of(tmp_path / "x.zip", web(changes))
    with pytest.raises(PackageError) as caught:
        read_release(path)
    rule = f"is made for Tomcat 10 or later ({sign}), but this cluster runs Tomcat 9"
    assert str(caught.value) == f'package: "{path}" {rule}; {CURE}'


@pytest.mark.parametrize(
    "changes",
    [
        {WEB_XML: None},
        {WEB_XML: b"<web-app/>"},
        {WEB_XML: f"<!-- {JAKARTA} -->\n<web-app version='2.5'><a>jakarta.servlet</a></web-app>".encode()},
        {WEB_XML: b'\xef\xbb\xbf<!DOCTYPE web-app PUBLIC "-//Sun//DTD Web Application 2.3//EN" "x.dtd">\n<web-app/>'},
        {"WEB-INF/lib/jakarta.servlet-api-4.0.4.jar": b""},
        {"WEB-INF/lib/jakarta.mail-2.0.1.jar": b""},
        {"WEB-INF/classes/Both.class": b"jakarta/servlet/Servlet"},
        {CLASS: b"jakarta/mail/Session"},
        {"WEB-INF/classes/notes.txt": b"jakarta/servlet/Servlet", CLASS: None},
    ],
)
def test_a_web_app_for_tomcat_9_is_accepted(tmp_path: Path, changes: dict[str, bytes | None]) -> None:
    """Signs that only look like Jakarta: comments, jars that still hold javax, classes that know both."""
    assert read_release(zip_of(tmp_path / "x.zip", web(changes)))


@pytest.mark.parametrize("content", [b"", b"hello", b"<web-app", b"\x00\x01"])
def test_a_web_xml_that_is_not_xml_is_refused(tmp_path: Path, content: bytes) -> None:
    """Tomcat would stop at it."""
    with pytest.raises(PackageError, match=r"has a WEB-INF/web\.xml that is not XML \(.+\); download"):
        read_release(zip_of(tmp_path / "x.zip", web({WEB_XML: content})))


def test_entities_are_never_expanded(tmp_path: Path) -> None:
    """A billion laughs in web.xml costs nothing: reading ends at the first element."""
    entities = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10}">' for n in range(1, 30))
    bomb = f'<!DOCTYPE web-app [<!ENTITY e0 "ha">{entities}]><web-app version="4.0">&e29;</web-app>'
    assert read_release(zip_of(tmp_path / "x.zip", web({WEB_XML: bomb.encode()})))
