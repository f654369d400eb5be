"""Packages that the tests deploy beside the demo."""

import io
import tarfile
import zipfile
from pathlib import Path

from tests.real.cluster import ROOT

EXAMPLES = "webapps/examples/"
RELEASE = """\
cyclos.datasource.provider = hikari
cyclos.datasource.dataSource.serverName = localhost
cyclos.datasource.dataSource.user = cyclos
cyclos.datasource.dataSource.password =
"""


def tomcat_examples(folder: Path) -> Path:
    """Tomcat's own `examples` web app, which is not marked distributable, as a package of Cyclos' shape.

    Its META-INF/context.xml, which lets only localhost in, is left out; a plain file answers `/api`.
    """
    path = folder / "cyclos-9.0.0.zip"
    with (
        tarfile.open(ROOT / "images/tomcat/artefacts/tomcat.tar.gz") as tomcat,
        zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as package,
    ):
        for member in tomcat:
            _, found, inside = member.name.partition(EXAMPLES)
            if found and member.isfile() and inside != "META-INF/context.xml":
                content = tomcat.extractfile(member) or io.BytesIO()
                package.writestr(f"cyclos-9.0.0/web/{inside}", content.read())
        package.writestr("cyclos-9.0.0/web/api", "ok")
        package.writestr("cyclos-9.0.0/web/WEB-INF/classes/cyclos-release.properties", RELEASE)
    return path
