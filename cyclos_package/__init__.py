"""Intake of a Cyclos release: zip, war or folder -> verified, reproducible ROOT web app; .properties editing.

Plain Python. Never runs, imports or unpacks what a package holds, and never writes to the package itself.
"""

from cyclos_package.errors import PackageError
from cyclos_package.flavour import Flavour
from cyclos_package.limits import Limits
from cyclos_package.properties import PROPERTIES_ENCODING, cluster_properties
from cyclos_package.release import Release, read_release
from cyclos_package.web_tar import write_web_tar

__all__ = [
    "PROPERTIES_ENCODING",
    "Flavour",
    "Limits",
    "PackageError",
    "Release",
    "cluster_properties",
    "read_release",
    "write_web_tar",
]
