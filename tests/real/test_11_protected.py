"""A stack that holds somebody's money: nothing deletes data unless the stack says so first."""

from collections.abc import Iterator

import pytest

from tests.real.cluster import Cluster
from tests.real.engine import docker, eventually, remove_labelled


@pytest.fixture(scope="module")
def bank(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    """A stack that does not call itself disposable, with as many etcd members as there may be."""
    settings = {"disposable": "false", "postgres.replicas": "2", "etcd.members": "5"}
    made = Cluster(tmp_path_factory.mktemp("bank"), settings)
    try:
        made.up()
        yield made
    finally:
        remove_labelled(made.label)


def test_destroy_is_refused(bank: Cluster) -> None:
    """Before anything is touched; the error names what is protected."""
    starts = bank.starts()
    refused = bank.pulumi("destroy", "--yes")
    assert refused.returncode != 0
    assert "postgres-1-data" in refused.stdout
    assert "unprotect" in refused.stdout
    assert bank.starts() == starts
    assert bank.works()


def test_the_members_of_the_consensus_store_stay(bank: Cluster) -> None:
    """None is added to it or taken from it in passing."""
    starts = bank.starts()
    bank.configure(**{"etcd.members": "3"})
    refused = bank.pulumi("up", "--yes")
    bank.configure(**{"etcd.members": "5"})
    assert refused.returncode != 0
    assert "etcd.members: 3 given; this stack was made with 5" in refused.stdout
    assert bank.starts() == starts


def test_a_refused_switchover_is_noticed(bank: Cluster) -> None:
    """Patroni's command line ends as if all were well."""
    leader, synchronous = bank.leader(), bank.synchronous_standby()
    (other,) = set(bank.tier("postgres")) - {leader, synchronous}
    switch_over = ("bash", "-c", '. /usr/local/bin/common.sh; switch_over "$0"')
    assert not bank.succeeds(leader, *switch_over, other), "that one may lack a commit"
    assert bank.leader() == leader
    assert bank.succeeds(leader, *switch_over, synchronous)
    assert bank.leader() == synchronous


def test_both_standbys_may_have_to_confirm(bank: Cluster) -> None:
    """A commit waits for as many as the setting says."""
    confirming = "SELECT count(*) FROM pg_stat_replication WHERE sync_state = 'sync'"
    eventually(lambda: bank.sql(bank.leader(), confirming) == "1", "one standby is synchronous")
    bank.configure(**{"postgres.synchronousReplicas": "2"})
    bank.up()
    eventually(lambda: bank.sql(bank.leader(), confirming) == "2", "both standbys are synchronous")
    bank.forget("postgres.synchronousReplicas")
    bank.up()
    eventually(lambda: bank.sql(bank.leader(), confirming) == "1", "one is enough again")
    assert bank.preview_is_empty()


def test_a_replica_does_not_take_its_data_with_it(bank: Cluster) -> None:
    """The error says how to delete it on purpose."""
    starts = bank.starts()
    bank.configure(**{"postgres.replicas": "1"})
    refused = bank.pulumi("up", "--yes", "--skip-preview")
    bank.configure(**{"postgres.replicas": "2"})
    assert refused.returncode != 0
    assert "would delete the data of postgres-3, which this stack protects" in refused.stdout
    assert "pulumi config set disposable true" in refused.stdout
    assert bank.starts() == starts


def test_a_lost_volume_is_copied_although_it_was_protected(bank: Cluster) -> None:
    """Protection is for data that is there."""
    node = bank.standby()
    docker("rm", "--force", bank.container(node))
    docker("volume", "rm", f"{bank.label}-{node}-data")
    bank.up()
    assert bank.works()
    assert bank.preview_is_empty()


def test_who_says_so_first_may_delete(bank: Cluster) -> None:
    """A replica with its data, then everything."""
    bank.configure(disposable="true")
    bank.up()
    bank.configure(**{"postgres.replicas": "1"})
    bank.up()
    volumes = docker("volume", "ls", "--quiet", "--filter", f"label=cyclos.stack={bank.label}")
    assert not any("postgres-3" in volume for volume in volumes.splitlines())
    bank.stack.destroy(color="never")
    assert bank.leftovers() == []
