"""What the script by_hand.sh needs: the program's own files and step inputs, taken from a recording under mocks."""

from pathlib import Path

from core.derive import topology
from core.engine import Engine
from core.load import Stack
from core.naming import Names
from core.package import package_of
from core.parse import parse
from core.policy import COMMAND
from tests.support.files import revealed, unbundled
from tests.support.stacks import deployed

SCRIPT = Path(__file__).with_name("by_hand.sh")


def write_files(folder: Path, names: Names) -> list[str]:
    """Write the files of a default stack; return the script's command line but for the port."""
    settings, problems = parse({"disposable": "true"})
    assert problems == []
    layout = topology(settings, names)
    made = deployed(Stack(names, settings, layout, Engine(), package_of(None)))
    for command in made.recording.of(COMMAND):
        files = unbundled(command.inputs.get("stdin"))
        node, _, step = command.name.rpartition("-")
        if step == "start" or "bin/configure" in revealed(command.inputs["create"]):
            for path, text in files.items():
                _write(folder / node / path.removeprefix("/"), text)
        elif files:
            _write(folder / f"{command.name}.bundle", revealed(command.inputs["stdin"]))
    images = made.outputs["release"]["images"]
    _write(folder / "images", "".join(f"{name.upper()}={image}\n" for name, image in images.items()))
    return [str(SCRIPT), str(folder), names.owner, str(layout.subnet.network_address).rpartition(".")[0]]


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="iso-8859-1")
