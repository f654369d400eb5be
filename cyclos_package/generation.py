"""Whether a web app is made for Tomcat 9 (javax.servlet) or for Tomcat 10 and later (jakarta.servlet)."""

import re
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from xml.parsers import expat

from cyclos_package.errors import DOWNLOAD_AGAIN, PackageError

WEB_XML = "WEB-INF/web.xml"

_FIRST_JAKARTA_SERVLET = 5
# jakarta.servlet-api 4.0 still holds the javax.servlet classes: only its version tells.
_SERVLET_JAR = re.compile(r"WEB-INF/lib/(jakarta\.servlet-api-(\d+)[^/]*\.jar)")
_JAKARTA_CLASS = "WEB-INF/classes/jakarta/servlet/"


@dataclass(slots=True)
class References:
    """Which servlet packages the classes in WEB-INF/classes refer to; one that knows both runs on Tomcat 9."""

    javax: bool = False
    jakarta: bool = False

    def note(self, code: bytes) -> None:
        """Look at the names in a class file."""
        self.javax = self.javax or b"javax/servlet/" in code
        self.jakarta = self.jakarta or b"jakarta/servlet/" in code


def check_generation(path: Path, names: tuple[str, ...], web_xml: bytes | None, references: References) -> None:
    """Refuse a web app that Tomcat 9 cannot run."""
    sign = _sign_in_web_xml(path, web_xml) if web_xml is not None else None
    sign = sign or _sign_in_names(names)
    if sign is None and references.jakarta and not references.javax:
        sign = "its classes use jakarta.servlet"
    if sign is not None:
        rule = f"is made for Tomcat 10 or later ({sign}), but this cluster runs Tomcat 9"
        raise PackageError(path, rule, "give a Cyclos release for Tomcat 9 (Servlet 4.0, javax.servlet)")


def _sign_in_names(names: tuple[str, ...]) -> str | None:
    for name in names:
        jar = _SERVLET_JAR.fullmatch(name)
        if jar and int(jar[2]) >= _FIRST_JAKARTA_SERVLET:
            return f"it holds {jar[1]}"
        if name.startswith(_JAKARTA_CLASS):
            return f"it holds {name}"
    return None


class _SeenError(Exception):
    """Ends the parser at the first element, before any entity could be expanded."""


def _sign_in_web_xml(path: Path, web_xml: bytes) -> str | None:
    namespace, version = _head(path, web_xml)
    if "jakarta" in namespace:
        return f"{WEB_XML} has the namespace {namespace}"
    major = version.partition(".")[0]
    if major.isdecimal() and int(major) >= _FIRST_JAKARTA_SERVLET:
        return f"{WEB_XML} has version {version}"
    return None


def _head(path: Path, web_xml: bytes) -> tuple[str, str]:
    """Return the namespace and the version of the first element."""
    found = ("", "")

    def on_start(name: str, attributes: dict[str, str]) -> None:
        nonlocal found
        found = (name.rpartition(" ")[0], attributes.get("version", ""))
        raise _SeenError

    parser = expat.ParserCreate(namespace_separator=" ")
    parser.StartElementHandler = on_start
    try:
        parser.ParseFile(BytesIO(web_xml))
    except _SeenError:
        pass
    except expat.ExpatError as error:
        raise PackageError(path, f"has a {WEB_XML} that is not XML ({error})", DOWNLOAD_AGAIN) from error
    return found
