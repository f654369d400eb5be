"""The balancer."""

import pytest

from core.engine import Container, Engine
from core.policy import CONTAINER
from tests.support.files import unbundled
from tests.support.stacks import Deployed, deployed, stack_of

CLUSTER = "/etc/nginx/cluster"


def test_without_an_address_to_share_nothing_is_allowed(default: Deployed) -> None:
    """The usual balancer drops every capability."""
    assert default.recording["balancer-1-container"].inputs["capabilities"] == {"drops": ["ALL"]}
    assert f"{CLUSTER}/keepalived.conf" not in unbundled(default.recording["balancer-1-configuration"].inputs["stdin"])


def test_balancers_share_an_address(production: Deployed) -> None:
    """Each knows the others, the first one begins; clients are told the address that moves."""
    texts = {
        node: unbundled(production.recording[f"{node}-configuration"].inputs["stdin"])[f"{CLUSTER}/keepalived.conf"]
        for node in ("balancer-1", "balancer-2")
    }
    assert "unicast_src_ip 10.200.1.5" in texts["balancer-1"]
    # One that may be added hears the holder, too.
    assert "        10.200.1.6\n        10.200.1.7\n" in texts["balancer-1"]
    assert ("priority 100" in texts["balancer-1"], "priority 99" in texts["balancer-2"]) == (True, True)
    assert all("10.200.1.2/24" in text for text in texts.values())
    assert production.recording.outputs["balancer-2"]["url"] == "http://10.200.1.2:8080"


def test_each_balancer_publishes_a_port(production: Deployed) -> None:
    """One engine gives a port to one container only."""
    published = [
        production.recording[f"balancer-{number}-container"].inputs["ports"][0]["external"] for number in (1, 2)
    ]
    assert published == [8080, 8081]


def test_only_the_balancer_publishes_a_port(each: Deployed) -> None:
    """Everything else is reached through it."""
    published = {
        found.name: found.inputs["ports"] for found in each.recording.of(CONTAINER) if found.inputs.get("ports")
    }
    settings = each.stack.settings.balancer
    assert published == {
        f"{node.id}-container": [{"internal": 8080, "external": port, "ip": settings.address, "protocol": "tcp"}]
        for port, node in enumerate(each.stack.topology.balancers, start=settings.port)
    }


def test_its_container_knows_no_tomcat(production: Deployed) -> None:
    """The configuration is pushed and reloaded: adding a node never restarts the balancer."""
    container = production.recording["balancer-1-container"]
    assert not [name for name in container.options.depends_on if name.startswith("tomcat")]


def test_every_tomcat_is_in_the_pushed_configuration(production: Deployed) -> None:
    """By address: a name that does not resolve would keep NGINX from starting."""
    files = unbundled(production.recording["balancer-1-configuration"].inputs["stdin"])
    text = "\n".join(files.values())
    assert all(path.startswith("/etc/nginx/cluster/") for path in files)
    assert all(f"server {node.address}:8080" in text for node in production.stack.topology.tomcats)


def test_the_gate_reaches_each_node_through_the_balancer(production: Deployed) -> None:
    """Pairs of route and address, after the configuration was applied."""
    gate = production.recording["balancer-1-ready"]
    pairs = " ".join(f"{node.id} {node.address}" for node in production.stack.topology.tomcats)
    assert gate.inputs["create"].endswith(f" reaches {pairs}")
    assert "balancer-1-configuration" in gate.options.depends_on


def test_the_url_is_the_published_one(default: Deployed) -> None:
    """What `pulumi up` ends with."""
    assert default.recording.outputs["balancer-1"]["url"] == "http://127.0.0.1:8080"


def test_nobody_is_sent_to_a_node_before_it_answers(production: Deployed) -> None:
    """The container may start at once; the list of nodes comes when they are ready."""
    gates = {f"tomcat-{number}-start" for number in (1, 2, 3)}
    assert gates <= set(production.recording["balancer-1-configuration"].options.depends_on)
    assert not gates & set(production.recording["balancer-1-container"].options.depends_on)


def test_a_living_balancer_is_changed_last() -> None:
    """Its users are served while the nodes change."""
    engine = Engine(containers={"cyclos-test-balancer-1-container": Container("cyclos-test", running=True)})
    living = deployed(stack_of({}, engine=engine)).recording["balancer-1-container"]
    assert {"tomcat-1-start", "tomcat-2-start"} <= set(living.options.depends_on)


@pytest.mark.parametrize("dead", ["balancer-1", "balancer-2"])
def test_a_dead_balancer_is_back_before_a_living_one_changes(dead: str) -> None:
    """While that is away, the address that they share needs somebody to go to."""
    (living,) = {"balancer-1", "balancer-2"} - {dead}
    engine = Engine(containers={f"cyclos-test-{living}-container": Container("cyclos-test", running=True)})
    made = deployed(stack_of({"balancer": '{"nodes": 2}'}, engine=engine)).recording
    assert f"{dead}-ready" in made.component(living).options.depends_on
    assert f"{living}-ready" not in made.component(dead).options.depends_on
