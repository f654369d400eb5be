"""Who lives where: imports go one way, dangerous calls stay with their owners, nothing grows too big."""

import ast
import re
import subprocess
from pathlib import Path

import pytest

from tests.architecture.tree import ROOT, full_name, imports, name_of, parsed, python, tracked, uses

# What the files of a room may import of this repository; some rooms are one file.
ROOMS = {
    "cyclos_package": {"cyclos_package"},
    "core": {"core", "cyclos_package"},
    "components": {"components", "core", "cyclos_package"},
    "deployment.py": {"components", "core"},
    "__main__.py": {"core", "deployment"},
    "toolchain": {"toolchain"},
    "docs": {"core", "docs"},
}
OURS = {"components", "core", "cyclos_package", "demo", "deployment", "docs", "tests", "toolchain"}
TIERS = {
    "cyclos_database",
    "cyclos_tomcat_node",
    "etcd_member",
    "nginx_balancer",
    "postgres_primary",
    "postgres_replica",
}
# Calls that one file owns, so that there is one place to look for what they do.
OWNERS = {
    "pulumi_docker.Container": {"components/primitives.py"},
    "pulumi_docker.Volume": {"components/primitives.py"},
    "pulumi_docker.Network": set(),
    "pulumi_docker.Provider": {"components/foundation.py"},
    "pulumi_docker.RemoteImage": {"components/images.py"},
    "pulumi_random.RandomPassword": {"components/foundation.py"},
    "pulumi_command.local.Command": {"components/commands.py"},
    "pulumi.Config": set(),
    "pulumi.runtime.config.CONFIG": {"core/load.py"},
    "pulumi.get_stack": {"core/load.py"},
    "pulumi.export": {"__main__.py"},
    "pulumi.run": {"__main__.py"},
    "os.environ": {"core/load.py"},
    "os.getenv": set(),
    "subprocess.run": {"core/engine.py", "core/state.py"},
    "subprocess.Popen": set(),
    "jinja2.Environment": {"core/render.py"},
    "jinja2.Template": set(),
    "random.random": set(),
    "uuid.uuid4": set(),
}
# A resource's type may be named where it is handed on; making one may not.
MENTIONS = {call for call in OWNERS if call.startswith("pulumi_")}
STRICT = re.compile(r"^set -[a-z]*(e[a-z]*u|u[a-z]*e)", re.MULTILINE)
NOTHING_FOUND = 1  # exit code of git grep
FILE_LINES = 300
FUNCTION_LINES = 40
PROGRAM = ("core", "components", "cyclos_package", "deployment.py", "__main__.py")
# Written so that this file does not name them either.
REGISTRIES = re.compile(r"pyp[i]\.org|python[h]osted|maven[.]org|proxy[.]golang|deb[.]debian|debian[.]org/debian")
MACHINE = re.compile(r"/wor[k]/|far[m]-|/tm[p]/b/|/hom[e]/\w|/roo[t]/\w")


@pytest.mark.parametrize("room", ROOMS)
def test_imports_go_one_way(room: str) -> None:
    """Core <- components <- deployment <- __main__; setup and tests are never part of the program."""
    for path in python(room):
        used = {module.partition(".")[0] for module in imports(path)} & OURS
        assert used <= ROOMS[room], f"{name_of(path)} imports {sorted(used - ROOMS[room])}"


@pytest.mark.parametrize("image", ["etcd", "nginx", "postgres", "tomcat"])
def test_a_server_is_asked_how_it_is(image: str) -> None:
    """By the same script that opens its gate. In the image: the provider would compare each field in every preview."""
    recipe = (ROOT / "images" / image / "Dockerfile").read_text()
    assert re.search(r'^HEALTHCHECK .*CMD \["ready"\]$', recipe, re.MULTILINE)
    assert (ROOT / "images" / image / "bin" / "ready").is_file()


@pytest.mark.parametrize("tier", sorted(TIERS))
def test_tiers_never_import_each_other(tier: str) -> None:
    """deployment.py wires them."""
    others = {f"components.{other}" for other in TIERS - {tier}}
    assert not others & set(imports(ROOT / "components" / f"{tier}.py"))


@pytest.mark.parametrize("call", sorted(OWNERS))
def test_a_call_stays_with_its_owner(call: str) -> None:
    """Elsewhere the safe way around it is used."""
    others = [path for path in python(*PROGRAM) if name_of(path) not in OWNERS[call]]
    strangers = [name_of(path) for path in others if _called(path, call)]
    assert not strangers, f"only {sorted(OWNERS[call]) or 'nobody'} may use {call}, not {strangers}"
    assert all(_called(ROOT / owner, call) for owner in OWNERS[call]), f"{call} has moved: its owner does not use it"


def test_the_core_registers_nothing() -> None:
    """Plain Python: no providers, and of Pulumi itself only what the reader of configuration and `sdk.py` need."""
    for path in python("core", "cyclos_package"):
        used = {module for module in imports(path) if module.startswith("pulumi")}
        assert not used or name_of(path) in {"core/load.py", "core/sdk.py"}, f"{name_of(path)} imports {sorted(used)}"
        assert not [module for module in used if module.startswith("pulumi_")]


@pytest.mark.parametrize(
    "path", [path for path in tracked() if path.suffix in {".py", ".j2", ".sh", ".java"}], ids=name_of
)
def test_files_stay_small(path: Path) -> None:
    """A file that grows beyond this holds two subjects."""
    lines = len(path.read_text(encoding="utf-8").splitlines())
    assert lines < FILE_LINES, f"{lines} lines"


@pytest.mark.parametrize("path", python(), ids=name_of)
def test_functions_stay_small(path: Path) -> None:
    """Counted without the docstring."""
    for node in ast.walk(parsed(path)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            first = node.body[1] if ast.get_docstring(node) is not None and len(node.body) > 1 else node.body[0]
            lines = (node.end_lineno or 0) - first.lineno + 1
            assert lines < FUNCTION_LINES, f"{node.name}: {lines} lines"


def test_the_entry_point_decides_nothing() -> None:
    """Load, deploy, export."""
    path = ROOT / "__main__.py"
    assert len(path.read_text().splitlines()) < 25
    assert not [node for node in ast.walk(parsed(path)) if isinstance(node, ast.If)]


def test_nothing_of_this_machine_is_told() -> None:
    """No path of a developer's machine, and no host that happens to serve packages there."""
    for path in tracked():
        text = path.read_text(encoding="utf-8", errors="replace")
        found = REGISTRIES.search(text) or MACHINE.search(text)
        assert not found, f"{name_of(path)} names {found.group()}"


def test_no_committed_stack_is_bound_to_a_passphrase() -> None:
    """Pulumi writes a salt into the file of each stack, which opens with the passphrase of that machine only."""
    command = ("git", "grep", "--cached", "--name-only", "^encryptionsalt", "--", "Pulumi.*.yaml")
    answer = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert answer.returncode == NOTHING_FOUND, f"commit without the salt: {answer.stdout or answer.stderr}"


def test_every_script_can_be_run() -> None:
    """A file with a shebang is executable, and a shell script stops at its first error."""
    for path in tracked():
        text = path.read_text(encoding="utf-8", errors="replace")
        if text.startswith("#!"):
            assert path.stat().st_mode & 0o111, f"{name_of(path)} is not executable"
        if re.match(r"#!.*\b(ba|da)?sh\b", text):
            assert STRICT.search(text), f"{name_of(path)} lacks set -eu"


def test_every_module_says_what_it_is_for() -> None:
    """In its first line."""
    assert not [name_of(path) for path in python() if not ast.get_docstring(parsed(path))]


def _called(path: Path, name: str) -> bool:
    """Whether a file uses `name`; of resource types only calls count, for annotations may mention them."""
    calls = {id(node.func) for node in ast.walk(parsed(path)) if isinstance(node, ast.Call)}
    used = [full_name(found) for node, found in uses(path) if name not in MENTIONS or id(node) in calls]
    return any(found == name or found.startswith(f"{name}.") for found in used)
