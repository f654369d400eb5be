"""Packages that the tests deploy beside the demo."""

import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

from tests.real.cluster import ROOT

ARTEFACTS = "images/tomcat/artefacts"
EXAMPLES = "webapps/examples/"
RELEASE = """\
cyclos.datasource.provider = hikari
cyclos.datasource.dataSource.serverName = localhost
cyclos.datasource.dataSource.databaseName = cyclos4
cyclos.datasource.dataSource.user = cyclos
cyclos.datasource.dataSource.password =
"""


def tomcat_examples(folder: Path, *, answers_api: bool = True) -> Path:
    """Tomcat's own `examples` web app, which is not marked distributable, as a package of Cyclos' shape.

    Its META-INF/context.xml, which lets only localhost in, is left out; a plain file answers `/api`.
    """
    subprocess.run([sys.executable, "toolchain/artefacts.py", "--into", ARTEFACTS], cwd=ROOT, check=True)
    path = folder / f"cyclos-9.0.{int(answers_api)}.zip"
    web = f"{path.stem}/web"
    with (
        tarfile.open(ROOT / ARTEFACTS / "tomcat.tar.gz") as tomcat,
        zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as package,
    ):
        for member in tomcat:
            _, found, inside = member.name.partition(EXAMPLES)
            content = tomcat.extractfile(member) if found and inside != "META-INF/context.xml" else None
            if content is not None:
                package.writestr(f"{web}/{inside}", content.read())
        if answers_api:
            package.writestr(f"{web}/api", "ok")
        package.writestr(f"{web}/WEB-INF/classes/cyclos-release.properties", RELEASE)
    return path
