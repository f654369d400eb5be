"""Runs a Pulumi program without an engine and keeps every registration whole, options included."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import pulumi
from pulumi.runtime import rpc
from pulumi.runtime.mocks import MockCallArgs, MockMonitor, MockResourceArgs, Mocks, set_mocks
from pulumi.runtime.rpc import is_rpc_secret, unwrap_rpc_secret, wrap_rpc_secret

from core.certificates import certificates
from core.policy import Options, Secret

# Every generated password holds this, so that one word finds them all; and these are every key's own words.
MARK = "generated"
KEY_MARK = "PRIVATE KEY"
STACK = "pulumi:pulumi:Stack"


@dataclass(frozen=True)
class Registered:
    """One registration: satisfies core.policy.Recorded."""

    token: str
    name: str
    inputs: Mapping[str, Any]
    options: Options
    custom: bool  # false for a component


@dataclass
class Recording:
    """All that a program registered, and the outputs of its components and of itself."""

    resources: list[Registered] = field(default_factory=list)
    outputs: dict[str, Any] = field(default_factory=dict)  # by logical name; the program's own under its stack's

    def __getitem__(self, name: str) -> Registered:
        """Find a resource that is not a component by its logical name."""
        (found,) = (resource for resource in self.resources if resource.name == name and resource.custom)
        return found

    def component(self, name: str) -> Registered:
        """Find a component by its logical name."""
        (found,) = (resource for resource in self.resources if resource.name == name and not resource.custom)
        return found

    def of(self, token: str) -> list[Registered]:
        """Every resource of a type, by name."""
        return sorted((found for found in self.resources if found.token == token), key=lambda found: found.name)

    def named(self, token: str) -> list[str]:
        """Names of every resource of a type."""
        return [resource.name for resource in self.of(token)]


@cache
def _certificates(places: str) -> str:
    return json.dumps(certificates(places.split()))


def _printed(args: MockResourceArgs) -> str:
    """What a command says: its name, but for the one that is asked for certificates."""
    return _certificates(args.inputs["stdin"]) if args.name == "etcd-certificates" else f"{args.name}-stdout"


class Echo(Mocks):
    """Provider stand-in: the state is what was asked for, plus a generated secret."""

    def __init__(self, *, preview: bool) -> None:
        self._preview = preview

    def new_resource(self, args: MockResourceArgs) -> tuple[str | None, dict[str, Any]]:
        """Answer like a real provider: in a preview, what it would compute is not there."""
        if self._preview:
            return None, args.inputs
        # The engine marks it secret, mocks do not: without the wrapper no test could see a secret leak.
        secret = {"result": wrap_rpc_secret(f"{MARK}-{args.name}")} if args.typ.startswith("random:") else {}
        printed = {"stdout": _printed(args)} if args.typ == "command:local:Command" else {}
        return f"{args.name}-id", {**args.inputs, **secret, **printed}

    def call(self, args: MockCallArgs) -> tuple[dict[str, Any], None]:
        """Refuse: a component that looks something up would do so in every preview."""
        raise AssertionError(f"components must not look anything up: {args.token}")


class Recorder(MockMonitor):
    """Keeps whole requests, because MockResourceArgs hides the options."""

    def __init__(self, mocks: Mocks) -> None:
        super().__init__(mocks)
        self.recording = Recording()

    def RegisterResource(self, request: Any) -> Any:  # noqa: N802 - the protocol's name
        """Note what was asked for, then let the mock answer."""
        if request.type != STACK:
            inputs = plain(rpc.deserialize_properties(request.object, keep_unknowns=True))
            found = Registered(request.type, request.name, inputs, _options(request), request.custom)
            self.recording.resources.append(found)
        mock: Any = super()
        return mock.RegisterResource(request)

    def RegisterResourceOutputs(self, request: Any) -> Any:  # noqa: N802 - the protocol's name
        """Note what a component, or the program, gives to its reader."""
        outputs = rpc.deserialize_properties(request.outputs, keep_unknowns=True)
        self.recording.outputs[_name(request.urn)] = plain(outputs)
        mock: Any = super()
        return mock.RegisterResourceOutputs(request)


def record(program: Callable[[], object], *, preview: bool = False) -> Recording:
    """Run a program under mocks; return when every registration, and an Output that it returns, has landed."""
    recorder = Recorder(Echo(preview=preview))
    set_mocks(recorder.mocks, project="cyclos", stack="test", preview=preview, monitor=recorder)

    run: Any = pulumi.runtime.test  # untyped in the SDK
    run(program)()
    return recorder.recording


def plain(value: Any) -> Any:
    """Wire values as Python ones, secrets marked."""
    if is_rpc_secret(value):
        return Secret(plain(unwrap_rpc_secret(value)))
    if isinstance(value, dict):
        return {key: plain(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [plain(inner) for inner in value]
    # Numbers travel as floating point; the programs mean whole ones.
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _name(urn: str) -> str:
    return urn.rpartition("::")[2]


def _options(request: Any) -> Options:
    others = {
        "aliases": [str(alias) for alias in request.aliases],
        "additionalSecretOutputs": list(request.additionalSecretOutputs),
        "customTimeouts": str(request.customTimeouts) if request.HasField("customTimeouts") else "",
        "deletedWith": request.deletedWith,
        "importId": request.importId,
        "replaceOnChanges": list(request.replaceOnChanges),
        "version": request.version if not request.custom else "",
    }
    return Options(
        parent=_name(request.parent),
        provider=_name(request.provider.rpartition("::")[0]),
        protect=request.protect,
        retain_on_delete=request.retainOnDelete,
        delete_before_replace=request.deleteBeforeReplace,
        depends_on=sorted(map(_name, request.dependencies)),
        ignore_changes=list(request.ignoreChanges),
        others={key: value for key, value in others.items() if value},
    )
