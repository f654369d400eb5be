"""Rules that every stack keeps, as functions over its recorded resources. Each finding is a sentence for a person.

Read by tests over every example; registers and looks up nothing.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from core.state import VOLUME

CONTAINER = "docker:index/container:Container"
IMAGE = "docker:index/remoteImage:RemoteImage"
COMMAND = "command:local:Command"
PASSWORD = "random:index/randomPassword:RandomPassword"  # noqa: S105 - a resource type
PROTECTION = "cyclos:protection:Protection"


@dataclass(frozen=True)
class Secret:
    """A value that Pulumi encrypts in the state and never prints."""

    value: object


@dataclass(frozen=True)
class Options:
    """What a resource was registered with beside its inputs; resources are named by their logical names."""

    parent: str = ""
    provider: str = ""
    protect: bool = False
    retain_on_delete: bool = False
    delete_before_replace: bool = False
    depends_on: Sequence[str] = ()
    ignore_changes: Sequence[str] = ()
    others: Mapping[str, object] = field(default_factory=dict)  # set, but used by no component of this project


class Recorded(Protocol):
    """One registration."""

    @property
    def token(self) -> str:
        """Type of the resource."""

    @property
    def name(self) -> str:
        """Logical name."""

    @property
    def inputs(self) -> Mapping[str, Any]:
        """Inputs; a secret one is wrapped in Secret."""

    @property
    def options(self) -> Options:
        """Options, inherited ones included."""


def findings(resources: Iterable[Recorded], *, disposable: bool) -> list[str]:
    """Every broken rule of a stack; `disposable` is the stack's own setting."""
    seen = list(resources)
    found = [
        f"{resource.name} {fault}"
        for resource in seen
        for rule in RULES.get(resource.token, ())
        for fault in rule(resource)
    ]
    found += [f"{resource.name} {fault}" for resource in seen if _is_plugins(resource) for fault in _provider(resource)]
    found += [f"{resource.name} {fault}" for resource in seen for fault in _protection(resource, disposable=disposable)]
    return sorted(found)


def hardened(container: Recorded) -> Iterator[str]:
    """A process that breaks out of its server must find nothing to use."""
    given = container.inputs
    if not _moves_an_address(container):
        if given.get("capabilities") != {"drops": ["ALL"]}:
            yield "keeps Linux capabilities: drop ALL and add none"
        if "no-new-privileges" not in given.get("securityOpts", []):
            yield "may gain privileges: set no-new-privileges"
    if given.get("privileged"):
        yield "is privileged"
    if given.get("user") in {"root", "0", "0:0"}:
        yield "runs as root: the user is set in the image"
    if given.get("networkMode") != "bridge":
        yield "does not have a network of its own: network mode must be bridge"


def _moves_an_address(container: Recorded) -> bool:
    """The one exception: in a balancer, keepalived and nft move an address (docs/decisions.md)."""
    needed = {"adds": ["CAP_NET_ADMIN", "CAP_NET_RAW"], "drops": ["ALL"]}
    return labels_of(container).get("cyclos.tier") == "balancer" and container.inputs.get("capabilities") == needed


def bounded(container: Recorded) -> Iterator[str]:
    """No server may take the machine's memory or fill its disk with logs."""
    given = container.inputs
    if not given.get("memory"):
        yield "has no memory limit"
    elif given.get("memorySwap") != given["memory"]:
        yield "may swap: memorySwap must equal memory"
    if not {"max-size", "max-file"} <= set(given.get("logOpts") or {}):
        yield "does not rotate its log"


def supervised(container: Recorded) -> Iterator[str]:
    """A server must come back by itself and be stopped without loss."""
    given = container.inputs
    if given.get("restart") != "unless-stopped":
        yield "does not come back after a crash or a reboot: restart must be unless-stopped"
    if not given.get("init"):
        yield "has no init, so that orphaned processes stay"
    if not given.get("destroyGraceSeconds") or given.get("stopTimeout") != given["destroyGraceSeconds"]:
        yield "is killed rather than stopped: set destroyGraceSeconds, and stopTimeout to the same"
    if not container.options.delete_before_replace:
        yield "cannot be replaced: its name and address are taken until the old one is gone"


def private(container: Recorded) -> Iterator[str]:
    """Only the balancer can be reached from outside the stack's network."""
    if container.inputs.get("ports") and labels_of(container).get("cyclos.tier") != "balancer":
        yield "publishes a port; only the balancer may"


def labelled(resource: Recorded) -> Iterator[str]:
    """What carries no label cannot be told from somebody else's."""
    if missing := {"cyclos.stack", "cyclos.tier", "cyclos.node"} - set(labels_of(resource)):
        yield f"lacks the labels {', '.join(sorted(missing))}"


def pinned(resource: Recorded) -> Iterator[str]:
    """The same name must mean the same content on every engine and on every day."""
    image = str(resource.inputs.get("image") or resource.inputs.get("name"))
    tag = image.rpartition("/")[2].partition(":")[2]
    if tag in {"", "latest"}:
        yield f"uses {image}, which changes its content: name it by content"


def no_secret_in_sight(resource: Recorded) -> Iterator[str]:
    """Environment, labels and command lines are read by anyone who may list processes or inspect a container."""
    for key in (
        "envs",
        "labels",
        "command",
        "entrypoints",
        "create",
        "update",
        "delete",
        "environment",
        "triggers",
    ):
        if any(True for _ in secrets_in(resource.inputs.get(key))):
            yield f"has a secret in {key}: pass it in a file or on stdin"


def secrets_in(value: object) -> Iterator[Secret]:
    """Every secret inside a value."""
    if isinstance(value, Secret):
        yield value
    elif isinstance(value, Mapping):
        for inner in value.values():
            yield from secrets_in(inner)
    elif isinstance(value, list | tuple):
        for inner in value:
            yield from secrets_in(inner)


def labels_of(resource: Recorded) -> dict[str, str]:
    """Labels of a container or a volume."""
    return {
        entry["label"]: entry["value"] for entry in resource.inputs.get("labels") or [] if isinstance(entry, Mapping)
    }


RULES: Mapping[str, tuple[Callable[[Recorded], Iterator[str]], ...]] = {
    CONTAINER: (hardened, bounded, supervised, private, labelled, pinned, no_secret_in_sight),
    VOLUME: (labelled, no_secret_in_sight),
    IMAGE: (pinned, no_secret_in_sight),
    COMMAND: (no_secret_in_sight,),
}


def _is_plugins(resource: Recorded) -> bool:
    return resource.token.startswith("docker:")


def _provider(resource: Recorded) -> Iterator[str]:
    """Without one, the operator's environment decides which engine is changed."""
    if not resource.options.provider:
        yield "has no explicit provider"


def _protection(resource: Recorded, *, disposable: bool) -> Iterator[str]:
    """Data and the passwords to it survive a mistake, as does their guard; what is protected cannot be replaced."""
    options = resource.options
    precious = resource.token in {VOLUME, PASSWORD, PROTECTION} and not disposable
    if options.protect != precious:
        yield "must be protected: it is, or guards, what cannot be made again" if precious else "must not be protected"
    if resource.token == VOLUME and options.retain_on_delete == disposable:
        yield (
            "must be deleted with its disposable stack" if disposable else "must be retained when it leaves the program"
        )
