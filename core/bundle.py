"""Several files as one line of text: how configuration and passwords reach a container on stdin."""

import base64
import io
import tarfile
from collections.abc import Mapping


def bundle(files: Mapping[str, str], *, mode: int = 0o600, encoding: str = "utf-8") -> str:
    """Base64 of a tar of `{absolute path: text}`, owned by root; the same files always give the same text."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w", format=tarfile.USTAR_FORMAT) as archive:
        for path, text in sorted(files.items()):
            content = text.encode(encoding)
            member = tarfile.TarInfo(path.removeprefix("/"))
            member.size = len(content)
            member.mode = mode
            archive.addfile(member, io.BytesIO(content))
        end = archive.offset + 2 * tarfile.BLOCKSIZE
    # Without the padding for tape drives, which every preview would carry to and fro.
    return base64.b64encode(buffer.getvalue()[:end]).decode()
