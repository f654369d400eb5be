"""The files of this repository, as the tests of its shape see them."""

import ast
import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent


@cache
def tracked() -> tuple[Path, ...]:
    """Every file that git holds or would take."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard"]
    answer = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    return tuple(ROOT / name for name in sorted(answer.stdout.splitlines()) if (ROOT / name).is_file())


@cache
def parsed(path: Path) -> ast.Module:
    """Syntax tree of a Python file."""
    return ast.parse(path.read_text(encoding="utf-8"))


def python(*folders: str) -> list[Path]:
    """Python files of these folders, or of the whole repository."""
    files = [path for path in tracked() if path.suffix == ".py"]
    return [path for path in files if not folders or path.relative_to(ROOT).parts[0] in folders]


def name_of(path: Path) -> str:
    """Path inside the repository."""
    return str(path.relative_to(ROOT))


def imports(path: Path) -> Iterator[str]:
    """Modules that a file imports, wherever in it; `from a import b` counts as a.b as well as a."""
    for node in ast.walk(parsed(path)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def dotted(node: ast.expr) -> str:
    """`docker.Container` for such an expression; empty for anything that is not names and dots."""
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute) and (left := dotted(node.value)):
        return f"{left}.{node.attr}"
    return ""


def uses(path: Path) -> Iterator[tuple[ast.expr, str]]:
    """Every name and dotted name of a file, with the full name that it stands for."""
    names = _bound(path)
    for node in ast.walk(parsed(path)):
        if isinstance(node, ast.Attribute | ast.Name) and (name := dotted(node)):
            yield node, _resolved(name, names)


def _bound(path: Path) -> dict[str, str]:
    """What the names of a file stand for: imports, and aliases like `Command: TypeAlias = command.local.Command`."""
    names: dict[str, str] = {}
    for node in ast.walk(parsed(path)):
        if isinstance(node, ast.Import):
            # `import a.b` binds a, `import a.b as c` binds c to a.b.
            names |= {alias.asname: alias.name for alias in node.names if alias.asname}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names |= {alias.asname or alias.name: f"{node.module}.{alias.name}" for alias in node.names}
    for statement in parsed(path).body:
        targets = statement.targets if isinstance(statement, ast.Assign) else [getattr(statement, "target", None)]
        value = getattr(statement, "value", None)
        if isinstance(targets[0], ast.Name) and isinstance(value, ast.Attribute | ast.Name):
            names[targets[0].id] = _resolved(dotted(value), names)
    return names


@cache
def _aliases() -> dict[str, str]:
    """Aliases of every module by their full names, for those who import them from there."""
    found: dict[str, str] = {}
    for path in python():
        module = name_of(path).removesuffix(".py").replace("/", ".")
        found |= {f"{module}.{name}": target for name, target in _bound(path).items()}
    return found


def _resolved(name: str, names: dict[str, str]) -> str:
    first, dot, rest = name.partition(".")
    return f"{names.get(first, first)}{dot}{rest}"


def full_name(name: str) -> str:
    """What a module's own alias stands for, at the end of the chain."""
    while name in _aliases() and _aliases()[name] != name:
        name = _aliases()[name]
    return name
