"""`python -m cyclos_package SOURCE SHA256 TARGET`: write a release's web app as a reproducible tar.

Ends with an error when the release is not the one that the program was planned with.
"""

import sys
from pathlib import Path

from cyclos_package.errors import PackageError
from cyclos_package.release import read_release
from cyclos_package.web_tar import write_web_tar

source, sha256, target = sys.argv[1:]
try:
    release = read_release(Path(source))
    if release.sha256 == sha256:
        write_web_tar(release, Path(target))
    else:
        sys.exit(f'package: "{source}" was changed since it was read; run the command again')
except PackageError as error:
    sys.exit(str(error))
