"""Image names from the content of their folders: the same name means the same recipe on every engine."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path

ROOT = Path(__file__).parent.parent
ARTEFACTS = "toolchain/artefacts.toml"
BASE = "debian:trixie-slim"


@dataclass(frozen=True)
class Image:
    """One image to build: `context` is relative to the project, `arguments` name other images."""

    id: str
    context: str
    arguments: Mapping[str, str] = field(default_factory=dict)
    recipe: str = ""  # folder of the Dockerfile, where the context is made only when the image is built
    digest: str = ""  # of content that the repository does not hold

    @property
    def name(self) -> str:
        """`cyclos-cluster/<id>:<content hash>`."""
        content = sha256(repr(sorted(self.arguments.items())).encode() + self.digest.encode())
        content.update(folder_digest(ROOT / (self.recipe or self.context)).encode())
        content.update(repr(_artefacts(self.context)).encode())
        return f"cyclos-cluster/{self.id}:{content.hexdigest()[:12]}"

    @property
    def needs_artefacts(self) -> bool:
        """Whether the build copies files that the artefact downloader puts into the context."""
        return bool(_artefacts(self.context))


def folder_digest(folder: Path) -> str:
    """Digest of names, modes and bytes of what the repository holds of a context."""
    digest = sha256()
    for path in sorted(folder.rglob("*")):
        relative = path.relative_to(folder)
        if path.is_file() and relative.parts[0] not in {"artefacts", "web.tar"}:
            digest.update(f"{relative}\0{path.stat().st_mode & 0o100:o}\0".encode())
            digest.update(sha256(path.read_bytes()).digest())
    return digest.hexdigest()


def _artefacts(context: str) -> list[tuple[str, str]]:
    """Coordinates and digests of the artefacts that this context receives."""
    listed = tomllib.loads((ROOT / ARTEFACTS).read_text())["artefact"]
    return sorted(
        (entry["coordinates"], entry["sha512"]) for entry in listed if entry["into"] == f"{context}/artefacts"
    )
