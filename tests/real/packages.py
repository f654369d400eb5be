"""Packages that the tests deploy beside the demo."""

import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

from tests.real.cluster import ROOT, Cluster
from tests.real.engine import docker

ARTEFACTS = "images/tomcat/artefacts"
EXAMPLES = "webapps/examples/"
HIKARICP = """\
cyclos.datasource.provider = hikari
cyclos.datasource.dataSource.serverName = localhost
cyclos.datasource.dataSource.databaseName = cyclos4
cyclos.datasource.dataSource.user = cyclos
cyclos.datasource.dataSource.password =
"""
C3P0 = """\
# What nobody sets stays as it is.
cyclos.datasource.jdbcUrl = jdbc:postgresql://localhost/cyclos4
cyclos.datasource.user = cyclos
cyclos.datasource.password =
somebodys\\ own = caf\\u00e9, \\
    bar
"""


def tomcat_examples(path: Path, release: str, *, answers_api: bool = True) -> Path:
    """Tomcat's own `examples` web app, which is not marked distributable, as a package of Cyclos' shape, zip or .war.

    Its META-INF/context.xml, which lets only localhost in, is left out; a plain file answers `/api`.
    """
    subprocess.run([sys.executable, "toolchain/artefacts.py", "--into", ARTEFACTS], cwd=ROOT, check=True)
    web = f"{path.stem}/web/" if path.suffix == ".zip" else ""
    with (
        tarfile.open(ROOT / ARTEFACTS / "tomcat.tar.gz") as tomcat,
        zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as package,
    ):
        for member in tomcat:
            _, found, inside = member.name.partition(EXAMPLES)
            content = tomcat.extractfile(member) if found and inside != "META-INF/context.xml" else None
            if content is not None:
                package.writestr(f"{web}{inside}", content.read())
        if answers_api:
            package.writestr(f"{web}api", "ok")
        package.writestr(f"{web}WEB-INF/classes/cyclos-release.properties", release)
    return path


def demo_release(cluster: Cluster, folder: Path) -> Path:
    """The demo that a cluster runs as an extracted release, marked distributable, which the demo itself is not."""
    web = folder / "web"
    folder.mkdir()
    docker("cp", f"{cluster.container('tomcat-1')}:/opt/tomcat/webapps/ROOT", str(web))
    (web / "WEB-INF" / "classes" / "cyclos.properties").unlink()
    descriptor = web / "WEB-INF" / "web.xml"
    text = descriptor.read_text(encoding="utf-8")
    assert "<distributable" not in text
    descriptor.write_text(text.replace("</web-app>", "<distributable/></web-app>"), encoding="utf-8")
    return folder
