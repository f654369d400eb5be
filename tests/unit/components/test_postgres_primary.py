"""The node that is born as primary."""

from tests.support.files import files_of_node, unbundled
from tests.support.stacks import Deployed


def test_the_seed_gets_exactly_its_files(default: Deployed) -> None:
    """Configuration, two passwords and etcd's certificate, on stdin; not the application's password."""
    files = unbundled(default.recording["postgres-1-seed"].inputs["stdin"])
    secrets = {path: text for path, text in files.items() if path.startswith("/secrets/")}
    passwords = {path: secrets.pop(path) for path in list(secrets) if not path.endswith(".pem")}
    assert secrets.keys() == {f"/secrets/etcd/{file}.pem" for file in ("authority", "certificate", "key")}
    assert passwords == {f"/secrets/{role}": f"generated-password-{role}" for role in ("replicator", "rewinder")}
    assert "generated-password-cyclos" not in "".join(files.values())
    assert {"/etc/postgresql/postgresql.conf", "/etc/postgresql/pg_hba.conf"} <= files.keys()


def test_seed_and_server_have_the_same_configuration(default: Deployed) -> None:
    """What was verified in the seed is what runs."""
    seeded = unbundled(default.recording["postgres-1-seed"].inputs["stdin"])
    served = unbundled(default.recording["postgres-1-configuration"].inputs["stdin"])
    for path in ("/etc/postgresql/postgresql.conf", "/etc/postgresql/pg_hba.conf"):
        assert seeded[path] == served[path]


def test_the_server_has_its_configuration_before_it_starts(default: Deployed) -> None:
    """Patroni would not start without; and a change of it alone starts nothing anew."""
    assert "postgres-1-configuration" in default.recording["postgres-1-start"].options.depends_on
    assert not [path for path in files_of_node(default.recording, "postgres-1") if path.startswith("/etc/postgresql")]


def test_the_server_waits_for_its_seed(default: Deployed) -> None:
    """On an empty volume Patroni would make a database of its own."""
    assert {"postgres-1-seed", "image-postgres"} <= set(default.recording["postgres-1-container"].options.depends_on)


def test_etcd_comes_before_the_server_not_before_the_seed(default: Deployed) -> None:
    """Patroni ends when nobody answers; the seed, which takes longer than etcd's start, needs nobody."""
    assert "etcd-1-ready" in default.recording["postgres-1-container"].options.depends_on
    assert "etcd-1-ready" not in default.recording["postgres-1-seed"].options.depends_on
    (component,) = default.recording.of("cyclos:postgres_primary:PostgresPrimary")
    assert not component.options.depends_on


def test_the_seed_runs_as_hardened_as_the_server(default: Deployed) -> None:
    """A one-shot container is started by a command, not by the container builder."""
    line = default.recording["postgres-1-seed"].inputs["create"]
    for words in (
        "--cap-drop ALL",
        "--security-opt no-new-privileges",
        "--init",
        "--log-driver json-file --log-opt max-size=10m",
        "--memory",
        "--network network-stdout",
    ):
        assert words in line
    assert "--volume cyclos-test-postgres-1-data:/var/lib/postgresql" in line


def test_passwords_are_a_file_of_their_own(default: Deployed) -> None:
    """So that the rest of Patroni's configuration may be shown."""
    files = files_of_node(default.recording, "postgres-1")
    assert [path for path, text in files.items() if "generated-" in text] == ["/etc/patroni/passwords.yml"]
