"""What reaches a server, read back from a recording: bundles, and the files of a node among them."""

import base64
import binascii
import io
import tarfile
from collections.abc import Iterator, Mapping
from contextlib import suppress
from typing import Any

from core.policy import COMMAND, Secret
from tests.support.recorder import Recording


def revealed(value: Any) -> Any:
    """A value without its mark of secrecy."""
    return revealed(value.value) if isinstance(value, Secret) else value


def unbundled(stdin: Any) -> dict[str, str]:
    """Files of a bundle, by absolute path; nothing when it is none."""
    try:
        content = base64.b64decode(revealed(stdin) or "", validate=True)
        with tarfile.open(fileobj=io.BytesIO(content)) as archive:
            return {f"/{member.name}": _read(archive, member) for member in archive}
    except (binascii.Error, tarfile.TarError):
        return {}


def _read(archive: tarfile.TarFile, member: tarfile.TarInfo) -> str:
    """Those of a server may hold what Java reads as ISO-8859-1; the others are ASCII."""
    content = archive.extractfile(member)
    assert content is not None, f"{member.name} is not a file"
    return content.read().decode("iso-8859-1")


def files_of_node(recording: Recording, node: str) -> dict[str, str]:
    """Files that are put into a node's container before it starts, by absolute path."""
    return unbundled(recording[f"{node}-start"].inputs["stdin"])


def files_of(recording: Recording) -> Iterator[tuple[str, str, str]]:
    """Every file that reaches a server: name of its resource, path on the server, text; not the secret ones."""
    for command in recording.of(COMMAND):
        for path, text in unbundled(command.inputs.get("stdin")).items():
            if not path.startswith("/secrets/") and not path.endswith(".pem"):
                yield command.name, path, text


def plain_texts(value: Any) -> Iterator[str]:
    """Every text in a value that is not under a secret; what is base64 is opened, too, and so are bundles."""
    if isinstance(value, str):
        yield value
        yield from unbundled(value).values()
        with suppress(binascii.Error, ValueError):
            yield base64.b64decode(value, validate=True).decode("iso-8859-1")
    elif isinstance(value, Mapping):
        for inner in value.values():
            yield from plain_texts(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from plain_texts(inner)
