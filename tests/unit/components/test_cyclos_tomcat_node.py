"""One Tomcat with the Cyclos web app."""

from tests.support.files import files_of_node
from tests.support.stacks import Deployed

PROPERTIES = "/opt/tomcat/webapps/ROOT/WEB-INF/classes/cyclos.properties"
OPTIONS = "/opt/tomcat/conf/jvm.options"


def test_it_waits_for_the_proof_of_replication(default: Deployed) -> None:
    """The first start writes the schema, which must not be lost with one node."""
    assert {"database-created", "database-replicated"} <= set(
        default.recording.component("tomcat-1").options.depends_on
    )


def test_one_after_the_other(production: Deployed) -> None:
    """A roll stops at the first node that does not come back, while the others serve."""
    second, third = (production.recording.component(name).options.depends_on for name in ("tomcat-2", "tomcat-3"))
    assert "tomcat-1-start" in second
    assert "tomcat-2-start" in third
    assert "tomcat-1-start" not in third


def test_a_further_node_touches_no_other(default: Deployed, production: Deployed) -> None:
    """The files of a node never list its neighbours: they find each other by one name."""
    for deployed in (default, production):
        for node in deployed.stack.topology.tomcats:
            text = "\n".join(files_of_node(deployed.recording, node.id).values())
            others = [other for other in deployed.stack.topology.tomcats if other != node]
            assert not [other.id for other in others if other.id in text or other.address in text]


def test_all_nodes_share_one_name(production: Deployed) -> None:
    """Docker's own name service answers with the addresses of all living nodes."""
    for node in production.stack.topology.tomcats:
        (attached,) = production.recording[f"{node.id}-container"].inputs["networksAdvanced"]
        assert attached["aliases"] == [node.id, "tomcat"]


def test_the_route_is_the_nodes_id(production: Deployed) -> None:
    """The balancer reads it from the session id."""
    for node in production.stack.topology.tomcats:
        assert f"-DjvmRoute={node.id}\n" in files_of_node(production.recording, node.id)[OPTIONS]


def test_the_password_is_in_one_file(default: Deployed) -> None:
    """Nowhere but in cyclos.properties."""
    files = files_of_node(default.recording, "tomcat-1")
    assert [path for path, text in files.items() if "generated-password-cyclos" in text] == [PROPERTIES]


def test_addresses_of_databases_yet_to_come_are_listed(default: Deployed, production: Deployed) -> None:
    """So that a further replica changes no Tomcat."""
    for deployed in (default, production):
        text = files_of_node(deployed.recording, "tomcat-1")[PROPERTIES]
        assert all(address in text for address in deployed.stack.topology.listed_postgres_addresses)


def test_the_releases_own_lines_stay(production: Deployed) -> None:
    """Only the cluster's values are set: comments and other keys are the vendor's."""
    text = files_of_node(production.recording, "tomcat-1")[PROPERTIES]
    assert "cyclos.version = 4.16.17\n" in text
    assert text.startswith("# Cyclos release settings: è\n")
