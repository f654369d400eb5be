"""Two balancers that share an address; what happens to it when one dies is for the chaos suite."""

import subprocess
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from http.client import HTTPConnection
from threading import Event

import pytest
import requests

from core.bundle import bundle
from tests.real.client import Browser
from tests.real.cluster import Cluster, changed
from tests.real.engine import docker, eventually, inspect, log_of, said
from tests.real.under_way import transfer_under_way

SUBNET = "10.194.8.0/24"
ADDRESS, ANOTHER = "10.194.8.2", "10.194.8.3"
# Longer than a balancer that is stopped waits for the other one to have the address.
LATER_SECONDS = 4
# Longer than NGINX waits for the end of a connection, which the client tells the other balancer.
LINGER_SECONDS = 10
# Some of these have just opened a connection, and not yet used it, whenever the address moves.
SLOW_CLIENTS, SLOW_SECONDS = 4, 0.1


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    """Two balancers, made for these tests."""
    settings = {"balancer.nodes": "2", "balancer.virtualIp": ADDRESS, "network.subnet": SUBNET}
    made = Cluster(tmp_path_factory.mktemp("shared"), settings)
    try:
        made.up()
        yield made
    finally:
        made.destroy()


def answers(address: str) -> bool:
    """Whether the cluster is served there."""
    return requests.get(f"http://{address}:8080/api", timeout=10).ok


def test_the_output_is_the_shared_address(shared: Cluster) -> None:
    """One balancer has it, and a second `up` finds nothing to do."""
    assert shared.stack.outputs()["cyclosUrl"].value == f"http://{ADDRESS}:8080"
    assert answers(ADDRESS)
    assert len(shared.holders(ADDRESS)) == 1
    assert shared.preview_is_empty()


def test_only_keepalived_and_nft_have_a_privilege(shared: Cluster) -> None:
    """Nothing runs as root, NGINX can never gain anything, and no other program of the image would give it more."""
    status = "for process in /proc/[0-9]*; do grep -hE '^(Name|Uid|CapEff|NoNewPrivs)' $process/status | xargs; done"
    # A process that has ended meanwhile leaves an empty line.
    lines = [line.split() for line in shared.execute("balancer-1", "sh", "-c", status).splitlines() if line]
    processes = [(line[1], line[3], int(line[8], 16), line[10]) for line in lines]
    assert {user for _, user, _, _ in processes} == {"8101"}
    assert {name for name, _, capabilities, _ in processes if capabilities} == {"keepalived"}
    assert {forbidden for name, _, _, forbidden in processes if name == "nginx"} == {"1"}
    assert shared.execute("balancer-1", "sh", "-c", "find / -xdev -type f -perm /6000 2>/dev/null || true") == ""
    privileged = shared.execute("balancer-1", "sh", "-c", "getcap -r / 2>/dev/null || true").splitlines()
    assert {line.split()[0] for line in privileged} == {"/usr/sbin/keepalived", "/usr/sbin/nft"}
    assert "chain answers" in shared.execute("balancer-1", "nft", "list", "table", "ip", "balancer")


def test_a_bad_configuration_of_keepalived_changes_nothing(shared: Cluster) -> None:
    """It is refused before it takes the place of the good one."""
    container, folder = shared.container("balancer-1"), "/etc/nginx/cluster"
    files = ("nginx.conf", "proxy.conf", "upstreams.conf")
    pushed = {f"{folder}/{file}": shared.execute("balancer-1", "cat", f"{folder}/{file}") for file in files}
    pushed[f"{folder}/keepalived.conf"] = "vrrp_instance balancers {\n    virtual_router_id none\n}\n"
    before = shared.execute("balancer-1", "cat", f"{folder}/keepalived.conf")
    code, text = said(container, "apply-config", stdin=bundle(pushed))
    assert code != 0
    assert "keepalived.conf" in text
    assert "'none' not valid" in text
    assert shared.execute("balancer-1", "cat", f"{folder}/keepalived.conf") == before
    assert answers(ADDRESS)


def test_a_bad_configuration_of_nginx_fails_up(shared: Cluster) -> None:
    """The error quotes NGINX, and the old configuration goes on."""
    starts = shared.starts()
    with shared.edited("config_templates/nginx/proxy.conf.j2", "proxy_redirect off;", "proxy_redirect off;\nnonsense;"):
        failed = shared.pulumi("up", "--yes", "--skip-preview")
    assert failed.returncode != 0
    assert 'unknown directive "nonsense"' in failed.stdout
    assert answers(ADDRESS)
    shared.up()
    assert shared.starts() == starts
    assert shared.preview_is_empty()


def test_a_balancer_that_was_cut_off_takes_part_again(shared: Cluster) -> None:
    """The engine gives a network back under another name; the balancer starts anew, and is there when it is needed."""
    (former,) = shared.holders(ADDRESS)
    network, container = f"{shared.label}-network", shared.container(former)
    place = ("--ip", shared.address(former), "--alias", former)
    before = inspect(container)["RestartCount"]
    docker("network", "disconnect", network, container)
    eventually(lambda: shared.holders(ADDRESS) not in ([], [former]), "another balancer has the address")
    docker("network", "connect", *place, network, container)
    eventually(lambda: inspect(container)["RestartCount"] > before, "a new start")
    eventually(lambda: shared.succeeds(former, "ready"), "NGINX answers")
    (heir,) = shared.holders(ADDRESS)
    docker("kill", shared.container(heir))
    eventually(lambda: shared.holders(ADDRESS) == [former], "the first one has the address again")
    shared.up()
    assert shared.preview_is_empty()


@contextmanager
def asked_all_the_time(address: str) -> Iterator[None]:
    """Every request of slow clients, with a new connection for each, is answered meanwhile."""
    over = Event()

    def ask() -> int:
        answered = 0
        while not over.is_set():
            connection = HTTPConnection(address, 8080, timeout=10)
            connection.connect()
            over.wait(SLOW_SECONDS)
            connection.request("GET", "/api")
            assert connection.getresponse().status == requests.codes.ok
            connection.close()
            answered += 1
        return answered

    with ThreadPoolExecutor(SLOW_CLIENTS) as threads:
        asked = [threads.submit(ask) for _ in range(SLOW_CLIENTS)]
        try:
            yield
        finally:
            over.set()
    assert all(client.result() > 0 for client in asked)


def test_a_third_balancer_comes_and_goes_with_the_address(shared: Cluster) -> None:
    """The others need not know, and it takes nothing away; it hands over before it ends."""
    before, holders = shared.starts(), shared.holders(ADDRESS)
    with asked_all_the_time(ADDRESS):
        shared.configure(**{"balancer.nodes": "3"})
        shared.up()
    first, second, third = shared.tier("balancer")
    assert changed(before, shared.starts()) == set()
    assert shared.holders(ADDRESS) == holders
    assert "MASTER" not in log_of(shared.container(third)), "it took the address beside its holder"
    docker("kill", shared.container(first), shared.container(second))
    eventually(lambda: shared.holders(ADDRESS) == [third], "the third one has the address")
    shared.up()
    assert shared.holders(ADDRESS) == [third]
    with asked_all_the_time(ADDRESS):
        shared.configure(**{"balancer.nodes": "2"})
        shared.up()
    assert len(shared.holders(ADDRESS)) == 1
    assert shared.preview_is_empty()


def test_a_balancer_that_is_stopped_serves_while_something_is_under_way(shared: Cluster) -> None:
    """A client that has not heard where the address is now may still come to it."""
    (former,) = shared.holders(ADDRESS)
    browser = Browser(shared)
    browser.url = f"http://{ADDRESS}:8080"
    browser.login("nina")
    with transfer_under_way(shared, browser) as answer:
        process = subprocess.Popen(["docker", "stop", shared.container(former)], stdout=subprocess.DEVNULL)
        stopped = time.monotonic()
        while time.monotonic() < stopped + LATER_SECONDS:
            assert answers(shared.address(former))
            assert answers(ADDRESS)
        assert set(shared.holders(ADDRESS)) - {former}, "no other balancer has taken the address"
    assert answer.result().status_code == requests.codes.created
    assert process.wait(LINGER_SECONDS) == 0, "with nothing under way it ends"
    shared.up()
    assert shared.preview_is_empty()


def test_the_shared_address_may_become_another(shared: Cluster) -> None:
    """While the balancers change one after the other, each address has its holder."""
    shared.configure(**{"balancer.virtualIp": ANOTHER})
    shared.up()
    assert answers(ANOTHER)
    assert shared.holders(ADDRESS) == []
    assert shared.preview_is_empty()


def test_a_stack_gives_sharing_up_and_begins_with_it(shared: Cluster) -> None:
    """As a stack does that had one balancer until now; without an address to share nothing has a privilege."""
    shared.configure(**{"balancer.nodes": "1", "balancer.virtualIp": ""})
    shared.up()
    assert shared.tier("balancer") == ["balancer-1"]
    limits = inspect(shared.container("balancer-1"))["HostConfig"]
    assert (limits["CapAdd"], limits["SecurityOpt"]) == (None, ["no-new-privileges"])
    assert requests.get(f"{shared.url}/api", timeout=10).ok
    assert shared.preview_is_empty()
    shared.configure(**{"balancer.nodes": "2", "balancer.virtualIp": ADDRESS})
    shared.up()
    assert answers(ADDRESS)
    assert len(shared.holders(ADDRESS)) == 1
