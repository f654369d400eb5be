"""Every rule of core/policy.py is broken once, on purpose."""

from dataclasses import dataclass, field, replace
from typing import Any

import pytest

from core.policy import COMMAND, CONTAINER, IMAGE, PASSWORD, PROTECTION, Options, Secret, findings
from core.state import VOLUME
from tests.support.stacks import Deployed


@dataclass(frozen=True)
class Resource:
    """A registration made by hand."""

    token: str
    name: str
    inputs: dict[str, Any]
    options: Options = field(default_factory=lambda: Options(provider="engine"))


LABELS = [
    {"label": f"cyclos.{key}", "value": value}
    for key, value in (("stack", "cyclos-test"), ("tier", "tomcat"), ("node", "tomcat-1"))
]
CONTAINER_INPUTS: dict[str, Any] = {
    "image": "cyclos-cluster/cyclos:0123456789ab",
    "labels": LABELS,
    "capabilities": {"drops": ["ALL"]},
    "securityOpts": ["no-new-privileges"],
    "networkMode": "bridge",
    "memory": 1024,
    "memorySwap": 1024,
    "logOpts": {"max-size": "10m", "max-file": "5"},
    "restart": "unless-stopped",
    "init": True,
    "stopTimeout": 60,
    "destroyGraceSeconds": 60,
}
SOUND = Resource(
    CONTAINER, "tomcat-1-container", CONTAINER_INPUTS, Options(provider="engine", delete_before_replace=True)
)
KEPT = Options(provider="engine", protect=True, retain_on_delete=True)


def changed(**inputs: Any) -> Resource:
    """A sound container but for these inputs."""
    return replace(SOUND, inputs={**CONTAINER_INPUTS, **inputs})


BROKEN = [
    (changed(capabilities=None), "keeps Linux capabilities: drop ALL and add none"),
    (
        changed(capabilities={"drops": ["ALL"], "adds": ["CAP_NET_ADMIN"]}),
        "keeps Linux capabilities: drop ALL and add none",
    ),
    (changed(securityOpts=[]), "may gain privileges: set no-new-privileges"),
    (changed(privileged=True), "is privileged"),
    (changed(user="root"), "runs as root: the user is set in the image"),
    (changed(networkMode="host"), "does not have a network of its own: network mode must be bridge"),
    (changed(memory=None), "has no memory limit"),
    (changed(memorySwap=-1), "may swap: memorySwap must equal memory"),
    (changed(logOpts={"max-size": "10m"}), "does not rotate its log"),
    (changed(restart="no"), "does not come back after a crash or a reboot: restart must be unless-stopped"),
    (changed(init=False), "has no init, so that orphaned processes stay"),
    (
        changed(destroyGraceSeconds=None),
        "is killed rather than stopped: set destroyGraceSeconds, and stopTimeout to the same",
    ),
    (changed(stopTimeout=10), "is killed rather than stopped: set destroyGraceSeconds, and stopTimeout to the same"),
    (
        replace(SOUND, options=Options(provider="engine")),
        "cannot be replaced: its name and address are taken until the old one is gone",
    ),
    (changed(ports=[{"internal": 8080}]), "publishes a port; only the balancer may"),
    (changed(labels=LABELS[:1]), "lacks the labels cyclos.node, cyclos.tier"),
    (changed(image="nginx:latest"), "uses nginx:latest, which changes its content: name it by content"),
    (changed(image="registry:5000/nginx"), "uses registry:5000/nginx, which changes its content: name it by content"),
    (changed(envs=["A=1", Secret("PASSWORD=x")]), "has a secret in envs: pass it in a file or on stdin"),
    (changed(command=Secret(["serve", "x"])), "has a secret in command: pass it in a file or on stdin"),
    (
        changed(labels=[*LABELS, {"label": "p", "value": Secret("x")}]),
        "has a secret in labels: pass it in a file or on stdin",
    ),
    (replace(SOUND, options=Options(delete_before_replace=True)), "has no explicit provider"),
    (
        replace(SOUND, options=Options(provider="engine", delete_before_replace=True, protect=True)),
        "must not be protected",
    ),
    (
        Resource(VOLUME, "data", {"labels": LABELS}, replace(KEPT, protect=False)),
        "must be protected: it is, or guards, what cannot be made again",
    ),
    (
        Resource(VOLUME, "data", {"labels": LABELS}, replace(KEPT, retain_on_delete=False)),
        "must be retained when it leaves the program",
    ),
    (Resource(VOLUME, "data", {"labels": []}, KEPT), "lacks the labels cyclos.node, cyclos.stack, cyclos.tier"),
    (Resource(PASSWORD, "password", {}), "must be protected: it is, or guards, what cannot be made again"),
    (Resource(PROTECTION, "guard", {}), "must be protected: it is, or guards, what cannot be made again"),
    (Resource(IMAGE, "image", {"name": "nginx:1"}, Options()), "has no explicit provider"),
    (
        Resource(IMAGE, "image", {"name": "cyclos-cluster/nginx:latest"}),
        "uses cyclos-cluster/nginx:latest, which changes its content: name it by content",
    ),
    (
        Resource(COMMAND, "seed", {"create": Secret("psql -c x")}),
        "has a secret in create: pass it in a file or on stdin",
    ),
    (
        Resource(COMMAND, "seed", {"environment": {"P": Secret("x")}}),
        "has a secret in environment: pass it in a file or on stdin",
    ),
    (Resource(COMMAND, "seed", {"triggers": [Secret("x")]}), "has a secret in triggers: pass it in a file or on stdin"),
]


@pytest.mark.parametrize(("resource", "fault"), BROKEN, ids=[f"{resource.name} {fault}" for resource, fault in BROKEN])
def test_a_broken_rule_is_found(resource: Resource, fault: str) -> None:
    """One sentence, which names the resource, and nothing else."""
    assert findings([resource], disposable=False) == [f"{resource.name} {fault}"]


def test_a_sound_stack_has_no_findings() -> None:
    """Otherwise the cases above would prove nothing."""
    sound = [
        SOUND,
        Resource(VOLUME, "data", {"labels": LABELS}, KEPT),
        Resource(COMMAND, "seed", {"stdin": Secret("x")}),
    ]
    assert findings(sound, disposable=False) == []


def test_a_disposable_stack_must_leave_nothing_behind() -> None:
    """Protection there is a mistake, too."""
    volume = Resource(VOLUME, "data", {"labels": LABELS}, KEPT)
    assert findings([volume], disposable=True) == [
        "data must be deleted with its disposable stack",
        "data must not be protected",
    ]


def test_the_balancer_may_publish() -> None:
    """It is told by its label, not by its name."""
    labels = [*LABELS[::2], {"label": "cyclos.tier", "value": "balancer"}]
    assert findings([changed(ports=[{"internal": 8080}], labels=labels)], disposable=False) == []


def test_every_example_keeps_every_rule(each: Deployed) -> None:
    """The rules are for the product, these tests only for the rules."""
    assert findings(each.recording.resources, disposable=each.stack.settings.disposable) == []
