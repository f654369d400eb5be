"""What reaches a server, read back from a recording: uploads, bundles, command lines."""

import base64
import binascii
import io
import tarfile
from collections.abc import Iterator, Mapping
from contextlib import suppress
from typing import Any

from core.policy import COMMAND, CONTAINER, Secret
from tests.support.recorder import Recording, Registered


def revealed(value: Any) -> Any:
    """A value without its mark of secrecy."""
    return revealed(value.value) if isinstance(value, Secret) else value


def unbundled(stdin: Any) -> dict[str, str]:
    """Files of a bundle, by absolute path; nothing when it is none."""
    try:
        content = base64.b64decode(revealed(stdin) or "", validate=True)
        with tarfile.open(fileobj=io.BytesIO(content)) as archive:
            return {f"/{member.name}": archive.extractfile(member).read().decode() for member in archive}  # type: ignore[union-attr]
    except (binascii.Error, tarfile.TarError):
        return {}


def files_of(recording: Recording) -> Iterator[tuple[str, str, str]]:
    """Every file that reaches a server: name of its resource, path on the server, text. Passwords are left out."""
    for container in recording.of(CONTAINER):
        for path, text in uploads(container).items():
            yield container.name, path, text
    for command in recording.of(COMMAND):
        for path, text in unbundled(command.inputs.get("stdin")).items():
            if not path.startswith("/secrets/"):
                yield command.name, path, text


def uploads(container: Registered) -> dict[str, str]:
    """Files of a container, by absolute path."""
    given = revealed(container.inputs.get("uploads") or [])
    return {upload["file"]: _text(upload) for upload in map(revealed, given)}


def _text(upload: Mapping[str, Any]) -> str:
    """Secret files travel in base64, of ISO-8859-1 as Java reads it."""
    if upload.get("content") is not None:
        return str(revealed(upload["content"]))
    return base64.b64decode(revealed(upload["contentBase64"])).decode("iso-8859-1")


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
