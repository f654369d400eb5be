"""Seeds meet volumes on which something is already, in a throw-away container on the stack's network."""

from pathlib import Path

import pytest

from tests.real.cluster import Cluster
from tests.real.engine import docker, said, shell
from tests.real.seeds import Seed

VOLUME = "/var/lib/postgresql"
DATA, MARKER = f"{VOLUME}/data", f"{VOLUME}/seeded"
MAKE = f"initdb -D {DATA} > /dev/null"
HALF_DONE = f"mkdir {DATA}.seeding; touch {DATA}.seeding/rubbish"
LEFT_OVER = f"find {VOLUME} -name rubbish -o -name data.seeding"


def fingerprint(box: str) -> str:
    """Digest of every file of the volume, but for the seeds' lock."""
    return shell(box, f"cd {VOLUME} && find . -type f ! -name seed.lock | sort | xargs sha256sum")


def copies(cluster: Cluster, box: str, seeds: dict[str, Seed]) -> tuple[int, str]:
    """Seed a replica: exit code and what it said."""
    hosts = ",".join(cluster.address(node) for node in cluster.tier("postgres"))
    return said(box, "seed-replica", hosts, stdin=seeds["postgres-2"].stdin)


def makes(etcd: str, box: str, seeds: dict[str, Seed]) -> tuple[int, str]:
    """Seed a primary of a cluster that etcd at this address does not know: exit code and what it said."""
    words = ("seed-primary", "nobody.invalid", "nobody", f"https://{etcd}:2379")
    return said(box, *words, stdin=seeds["postgres-1"].stdin)


@pytest.mark.parametrize(
    ("spoil", "sentence"),
    [
        (MAKE, "but the leader's is"),
        (f"echo 123 > {MARKER}", "database 123 was seeded here, but the leader's is"),
        (f"mkdir {DATA}; echo money > {DATA}/file", "holds files, but no database"),
    ],
)
def test_a_replica_is_not_copied_over_something_else(
    cluster: Cluster, box: str, seeds: dict[str, Seed], spoil: str, sentence: str
) -> None:
    """Another database, the mark of another one, files of somebody."""
    shell(box, spoil)
    before = fingerprint(box)
    code, words = copies(cluster, box, seeds)
    assert (code, "nothing was touched" in words) == (1, True), words
    assert sentence in words
    assert fingerprint(box) == before


def test_a_half_done_copy_is_redone(cluster: Cluster, box: str, seeds: dict[str, Seed]) -> None:
    """Nothing of what a killed seed left behind gets into the next one."""
    shell(box, HALF_DONE)
    assert copies(cluster, box, seeds) == (0, "seeded")
    assert shell(box, LEFT_OVER) == ""


def test_a_copy_is_kept_unless_it_was_never_served(cluster: Cluster, box: str, seeds: dict[str, Seed]) -> None:
    """Old and untouched since it was made, it may lack WAL that the leader dropped; once served, it is Patroni's."""
    assert copies(cluster, box, seeds) == (0, "seeded")
    before = fingerprint(box)
    assert copies(cluster, box, seeds) == (0, "kept")
    shell(box, f"touch -d '30 minutes ago' {MARKER}; touch -d '20 minutes ago' {DATA}/postmaster.opts")
    assert copies(cluster, box, seeds) == (0, "kept"), "it was served after it was made"
    assert fingerprint(box) == before
    shell(box, f"touch -d '40 minutes ago' {DATA}/postmaster.opts; touch {DATA}/stale")
    assert copies(cluster, box, seeds) == (0, "seeded"), "it was not"
    assert said(box, "test", "-e", f"{DATA}/stale")[0] == 1
    shell(box, f"rm {MARKER}")
    before = fingerprint(box)
    code, words = copies(cluster, box, seeds)
    assert (code, "holds a copy that no seed made; nothing was touched" in words) == (1, True), words
    assert fingerprint(box) == before


@pytest.mark.parametrize(
    ("spoil", "sentence"),
    [
        (f"{MAKE}; echo 123 > {MARKER}", "but 123 was seeded here; nothing was touched"),
        (f"echo 123 > {MARKER}", f"database 123 was seeded here, but {DATA} is gone; nothing was touched"),
        (MAKE, "holds a database that no seed made"),
    ],
)
def test_a_first_database_is_not_made_where_one_is_or_was(
    box: str, seeds: dict[str, Seed], spoil: str, sentence: str
) -> None:
    """Another one than was made here, one that is lost, one that nobody made."""
    shell(box, spoil)
    before = fingerprint(box)
    code, words = makes("192.0.2.1", box, seeds)
    assert code == 1
    assert sentence in words
    assert fingerprint(box) == before


def test_a_first_database_is_not_made_beside_another_nodes(cluster: Cluster, box: str, seeds: dict[str, Seed]) -> None:
    """Although etcd knows none; nobody leads of whom it could be copied. The error names the volume."""
    evidence = "mkdir -p /others/bank-postgres-2-data && echo 123 > /others/bank-postgres-2-data/seeded"
    docker("exec", "--user", "root", box, "sh", "-ec", evidence)
    before = fingerprint(box)
    code, words = makes(cluster.address("etcd-1"), box, seeds)
    assert code == 1
    assert "volume bank-postgres-2-data holds the database 123" in words
    assert fingerprint(box) == before


def test_a_first_database_is_not_made_while_consensus_is_silent(box: str, seeds: dict[str, Seed]) -> None:
    """It might know one; nobody can tell for a minute."""
    code, words = makes("192.0.2.1", box, seeds)
    assert code == 1
    assert "no member of the consensus store answers" in words
    assert shell(box, f"cd {VOLUME} && find . -maxdepth 1 -name data -o -name seeded") == ""


def test_nothing_is_served_that_no_seed_made(box: str) -> None:
    """An empty volume may be a lost one."""
    code, words = said(box, "serve")
    assert code == 1
    assert "nothing was seeded on this volume" in words


@pytest.mark.parametrize(
    ("known", "sentence"),
    [("", "KeyError: 'dcs'"), ('{"ttl": 20}', "the data directory is gone and no other node leads")],
    ids=["nothing", "settings-only"],
)
def test_patroni_makes_no_database_in_the_place_of_a_lost_one(
    cluster: Cluster, box: str, tmp_path: Path, known: str, sentence: str
) -> None:
    """Its volume was seeded and its data is gone; the consensus store knows of no database. An ugly end, but an end."""
    scope = f"forgotten-{tmp_path.name}"
    for folder in ("patroni", "etcd"):
        docker("cp", f"{cluster.container('postgres-1')}:/etc/{folder}", str(tmp_path))
    configuration = tmp_path / "patroni" / "patroni.yml"
    text = configuration.read_text()
    assert f'scope: "{cluster.label}"' in text
    configuration.write_text(text.replace(f'"{cluster.label}"', f'"{scope}"'))
    for folder in ("patroni", "etcd"):
        docker("cp", str(tmp_path / folder), f"{box}:/etc")
        docker("exec", "--user", "root", box, "chown", "-R", "postgres", f"/etc/{folder}")
    shell(box, f"echo 123 > {MARKER}")
    if known:
        cluster.execute("etcd-1", "client", "put", f"/cyclos/{scope}/config", known)
    code, words = said(box, "timeout", "60", "patroni", "/etc/patroni/")
    cluster.execute("etcd-1", "client", "del", "--prefix", f"/cyclos/{scope}/")
    assert code not in {0, 124}, words
    assert sentence in words
    assert said(box, "test", "-e", f"{DATA}/PG_VERSION")[0] == 1


def test_a_half_done_first_database_is_redone(cluster: Cluster, box: str, seeds: dict[str, Seed]) -> None:
    """Also one that was killed after its mark was made and before it was published."""
    shell(box, f"{HALF_DONE}; echo 123 > {MARKER}")
    assert makes(cluster.address("etcd-1"), box, seeds) == (0, "seeded")
    assert shell(box, LEFT_OVER) == ""
