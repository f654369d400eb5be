"""A stack that holds somebody's money: nothing deletes data unless the stack says so first."""

import re
import subprocess
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.real.cluster import PSQL, STARTED, Cluster
from tests.real.engine import docker, eventually, remove_labelled, said, wait_since
from tests.real.killing import kill_up_when
from tests.real.network import rules
from tests.real.operations import commands, do

# Within these a standby leads, if it may: when the leader's key has expired.
HEIRLESS_SECONDS = 30
# Of a leader's standbys; nothing on another node.
STREAMING = "SELECT count(*) FROM pg_stat_replication WHERE state = 'streaming' HAVING NOT pg_is_in_recovery()"
SYNCHRONOUS = "SHOW synchronous_standby_names"
# What etcd's first start makes last.
LOG = "/var/lib/etcd/data/member/wal"
GUARD = "until-disposable-is-true"


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


@pytest.mark.parametrize("options", ["", "--skip-preview", "--skip-preview --continue-on-error"])
def test_destroy_is_refused(bank: Cluster, options: str) -> None:
    """Before anything is touched; the error, which is Pulumi's own, says what it takes."""
    starts = bank.starts()
    refused = bank.pulumi("destroy", "--yes", *options.split())
    assert refused.returncode != 0
    assert GUARD in refused.stdout
    assert "remove the `protect` flag" in refused.stdout, "which is what the setting `disposable` does"
    assert bank.starts() == starts
    assert bank.works()


def test_everything_belongs_to_what_is_protected(bank: Cluster) -> None:
    """What Pulumi may delete beside it is nothing."""
    starts = bank.starts()
    assert "no unprotected resources to destroy" in bank.pulumi("destroy", "--yes", "--exclude-protected").stdout
    assert bank.starts() == starts


def test_the_members_of_the_consensus_store_stay(bank: Cluster) -> None:
    """None is added to it or taken from it in passing."""
    starts = bank.starts()
    bank.configure(**{"etcd.members": "3"})
    refused = bank.pulumi("up", "--yes")
    bank.configure(**{"etcd.members": "5"})
    assert refused.returncode != 0
    assert "etcd.members: 3 given; this stack was made with 5" in refused.stdout
    assert bank.starts() == starts


def members(bank: Cluster) -> dict[str, str]:
    """State of each member by its id, as the first one knows them."""
    lines = bank.execute("etcd-1", "client", "member", "list").splitlines()
    return {line.split(", ")[0]: line.split(", ")[1] for line in lines}


def test_two_lost_members_join_again(bank: Cluster) -> None:
    """They start at once, but the others take one at a time: the first one does not find all that it was told of."""
    before = members(bank)
    bank.lose("etcd-2", "etcd-4")
    bank.up()
    assert bank.works()
    assert sorted(members(bank).values()) == ["started"] * 5
    assert len(members(bank).keys() - before.keys()) == 2
    assert bank.preview_is_empty()


def test_a_member_whose_first_start_was_cut_short_joins_again(bank: Cluster) -> None:
    """There is a folder, but no log in it: who took that for data would go on as the member that was removed."""
    before = members(bank)
    name = bank.container("etcd-3")
    docker("exec", name, "rm", "-rf", LOG)
    docker("kill", name)
    docker("start", name)
    eventually(bank.works, "it is a member again")
    assert sorted(members(bank).values()) == ["started"] * 5
    assert len(members(bank).keys() - before.keys()) == 1


def confirms(bank: Cluster, number: int) -> bool:
    """Whether a commit waits for so many of the leader's standbys, whichever are the first."""
    leader = bank.leader()
    standbys = ",".join(f'"{node}"' for node in bank.tier("postgres") if node != leader)
    return bank.sql(leader, SYNCHRONOUS) == f"ANY {number} ({standbys})"


def status(bank: Cluster, node: str) -> str:
    """What Patroni says of a node."""
    return bank.execute(node, "bash", "-c", ". /usr/local/bin/common.sh; status_of 127.0.0.1")


def test_a_refused_switchover_is_noticed(bank: Cluster) -> None:
    """Patroni's command line ends as if all were well."""
    leader, candidate = bank.leader(), bank.standby()
    switch_over = ("bash", "-c", '. /usr/local/bin/common.sh; switch_over "$(hostname)" "$@"', "bash")
    docker("pause", bank.container(candidate))
    try:
        assert not bank.succeeds(leader, *switch_over, candidate), "it does not answer"
    finally:
        docker("unpause", bank.container(candidate))
    assert bank.leader() == leader
    eventually(bank.works, "both stream")
    assert bank.succeeds(leader, *switch_over)
    assert bank.leader() != leader


def test_a_leader_that_does_not_write_hands_over(bank: Cluster) -> None:
    """It may recover from a crash, or never again: Patroni says that it has the lead."""
    leader = bank.leader()
    code, text = said(bank.container(leader), "env", "BASH_FUNC_leads%%=() { return 1; }", "step-down")
    eventually(lambda: bank.leader() != leader, "another one leads")
    assert (code, text) == (0, f"{bank.leader()} leads")


def test_a_refused_restart_is_noticed(bank: Cluster) -> None:
    """So it does here."""
    leader, standby = bank.leader(), bank.standby()
    change = ("patronictl", "-c", "/etc/patroni/", "edit-config", "--force", "--quiet", "--set")
    bank.execute(leader, *change, "postgresql.parameters.max_connections=101")
    eventually(lambda: '"pending_restart": true' in status(bank, standby), "a restart is pending")
    refuses = "BASH_FUNC_patronictl%%=() { echo 'Failed: restart for member, status code=503'; }"
    code, text = said(bank.container(leader), "env", refuses, "restart-pending")
    assert (code, text) == (
        1,
        f"restart-pending: {standby} could not be restarted: Failed: restart for member, status code=503",
    )
    bank.execute(leader, *change, "postgresql.parameters.max_connections=100")
    eventually(lambda: "pending_restart" not in status(bank, standby), "none is pending any more")


def test_a_standby_that_may_lack_a_commit_may_be_asked_to_lead(bank: Cluster) -> None:
    """All standbys must confirm until it does, as many as before afterwards."""
    eventually(lambda: confirms(bank, 1), "one standby is enough")
    leader, other = bank.leader(), bank.standby()
    assert not bank.succeeds(leader, "has-all", other)
    bank.configure(**{"postgres.leader": other})
    bank.up()
    assert bank.leader() == other
    eventually(lambda: confirms(bank, 1), "one standby is enough again")
    bank.forget("postgres.leader")
    bank.up()
    assert bank.leader() == other, "who leads is nobody's wish any more"


def test_a_standby_that_lags_behind_does_not_lead_yet(bank: Cluster) -> None:
    """What another one has confirmed meanwhile, it has got when it leads: Patroni itself would not wait for that."""
    leader, lagging = bank.leader(), bank.standby()
    sent = ["INPUT", "-s", bank.address(leader), "-p", "tcp", "--sport", "5432", "-j", "DROP"]
    followers = "SELECT application_name FROM pg_stat_replication"
    with ThreadPoolExecutor() as pool, ExitStack() as lags:
        lags.enter_context(rules(bank, lagging, [sent]))
        bank.sql(leader, "CREATE TABLE confirmed ()")
        switched = pool.submit(bank.execute, leader, "lead", lagging)
        eventually(lambda: bank.succeeds(leader, "has-all", lagging), "Patroni believes that it has everything")
        eventually(lambda: lagging not in bank.sql(leader, followers), "nobody waits for it")
        lags.close()
        assert switched.result() == "switched"
    assert bank.leader() == lagging
    bank.sql(lagging, "DROP TABLE confirmed")


def test_both_standbys_may_have_to_confirm(bank: Cluster) -> None:
    """A commit waits for as many as the setting says."""
    eventually(lambda: confirms(bank, 1), "one standby is enough")
    bank.configure(**{"postgres.synchronousReplicas": "2"})
    bank.up()
    eventually(lambda: confirms(bank, 2), "both must confirm")
    eventually(lambda: bank.succeeds(bank.leader(), "has-all", bank.standby()), "each has everything")
    bank.forget("postgres.synchronousReplicas")
    bank.up()
    eventually(lambda: confirms(bank, 1), "one is enough again")
    assert bank.preview_is_empty()


def test_a_stack_of_an_earlier_version_is_taken_over(bank: Cluster) -> None:
    """There Patroni chose the standby that must confirm; no server ends for the change."""
    before = {node: bank.sql(node, STARTED) for node in bank.tier("postgres")}
    names = [f'"{node}"' for node in before]
    template, setting = "config_templates/patroni/dynamic.json.j2", '"synchronous_mode": '
    with bank.edited(template, setting + '"quorum"', setting + "true"):
        bank.up()
        eventually(lambda: bank.sql(bank.leader(), SYNCHRONOUS) in names, "one was chosen")
        eventually(bank.works, "nothing is missing")
    bank.up()
    eventually(lambda: confirms(bank, 1), "whichever comes first")
    assert {node: bank.sql(node, STARTED) for node in before} == before
    assert bank.preview_is_empty()


def test_standbys_are_restarted_one_after_the_other(bank: Cluster) -> None:
    """While its leader waits for its own turn, it always has one of them."""
    leader = bank.leader()
    bank.configure(**{"postgres.maxConnections": "110"})
    streaming: set[str] = set()
    with ThreadPoolExecutor() as pool:
        up = pool.submit(bank.up)
        while not up.done():
            code, answer = said(bank.container(leader), *PSQL, "-Atc", STREAMING)
            streaming |= {answer} if code == 0 and answer else set()
        up.result()
    assert streaming == {"1", "2"}
    assert {bank.sql(node, "SHOW max_connections") for node in bank.tier("postgres")} == {"110"}


@pytest.mark.parametrize("disposable", ["false", "true"])
def test_a_replica_does_not_take_its_data_with_it(bank: Cluster, disposable: str) -> None:
    """The error says how to delete it on purpose: not in the `up` that gives the protection up, either."""
    starts = bank.starts()
    bank.configure(**{"postgres.replicas": "1", "disposable": disposable})
    refused = bank.pulumi("up", "--yes", "--skip-preview")
    bank.configure(**{"postgres.replicas": "2", "disposable": "false"})
    assert refused.returncode != 0
    assert "would delete the data of postgres-3, which this stack protects" in refused.stdout
    assert "pulumi config set disposable true" in refused.stdout
    assert bank.starts() == starts


def test_a_lost_volume_is_copied_although_it_was_protected(bank: Cluster) -> None:
    """Protection is for data that is there."""
    node = bank.standby()
    bank.lose(node)
    bank.up()
    assert bank.works()
    assert bank.preview_is_empty()


def test_who_may_lack_what_was_confirmed_leads_only_when_told(bank: Cluster, tmp_path: Path) -> None:
    """The leader and the synchronous standby are gone with their data; docs/operations.md says how to go on."""
    leader, synchronous = bank.leader(), bank.synchronous_standby()
    (left,) = set(bank.tier("postgres")) - {leader, synchronous}
    lost = time.monotonic()
    bank.lose(leader, synchronous)
    wait_since(lost, HEIRLESS_SECONDS)
    assert not bank.succeeds(left, "leads")
    docker("restart", bank.container(left))
    asks, *_ = commands("Nobody leads", bank, NODE=left)
    eventually(lambda: bank.succeeds(left, "ready"), "it answers")
    position = subprocess.run(["bash", "-ec", asks], capture_output=True, text=True, check=True).stdout
    assert re.fullmatch(r"[0-9A-F]+/[0-9A-F]+\n", position), "after a restart it has received nothing, but has data"
    do("Nobody leads", bank, tmp_path, NODE=left)
    assert bank.leader() == left
    assert bank.works()
    assert bank.preview_is_empty()


def test_who_says_so_first_may_delete(bank: Cluster, tmp_path: Path) -> None:
    """A replica with its data, in two attempts, then everything, as docs/operations.md says."""
    bank.configure(disposable="true")
    bank.up()
    bank.configure(**{"postgres.replicas": "1"})
    replica = bank.container("postgres-3")
    kill_up_when(bank, lambda: replica not in bank.nodes(), "its container is removed, its volume is not")
    assert bank.pulumi("cancel", "--yes").returncode == 0
    bank.up()
    assert bank.works()
    volumes = docker("volume", "ls", "--quiet", "--filter", f"label=cyclos.stack={bank.label}")
    assert not any("postgres-3" in volume for volume in volumes.splitlines())
    do("The end", bank, tmp_path)
    assert bank.leftovers() == []


def test_a_stack_that_never_came_up_goes_as_a_whole(tmp_path: Path) -> None:
    """An `up` that failed has protected some volumes, and the guard is not there yet; docs/operations.md says how."""
    half = Cluster(tmp_path, {"disposable": "false", "etcd.members": "3"})
    try:
        with half.edited("images/postgres/Dockerfile", "FROM ${BASE}", "FROM scratch"):
            assert half.pulumi("up", "--yes", "--skip-preview").returncode != 0
        assert half.pulumi("destroy", "--yes").returncode != 0, "nothing of it is protected"
        do("A stack that never came up", half, tmp_path)
        assert half.leftovers() == []
    finally:
        remove_labelled(half.label)
