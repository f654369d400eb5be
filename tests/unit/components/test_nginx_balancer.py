"""The balancer."""

from core.engine import Container, Engine
from core.policy import CONTAINER
from tests.support.files import unbundled
from tests.support.stacks import Deployed, deployed, stack_of


def test_only_the_balancer_publishes_a_port(each: Deployed) -> None:
    """Everything else is reached through it."""
    published = {
        found.name: found.inputs["ports"] for found in each.recording.of(CONTAINER) if found.inputs.get("ports")
    }
    settings = each.stack.settings.balancer
    port = {"internal": 8080, "external": settings.port, "ip": settings.address, "protocol": "tcp"}
    assert published == {"balancer-1-container": [port]}


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


def test_the_url_is_the_published_one(production: Deployed) -> None:
    """What `pulumi up` ends with."""
    assert production.recording.outputs["balancer-1"]["url"] == "http://127.0.0.1:8080"


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
