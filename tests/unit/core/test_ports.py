"""What the balancers need of the engine's machine and of the stack's network."""

import socket
from collections.abc import Callable

import pytest

from core.load import Stack
from tests.support.engine import FakeDocker
from tests.support.loading import problems


def test_a_port_that_is_taken(loaded: Callable[..., Stack], free_port: int) -> None:
    """Found before the first container starts, with a port to try next."""
    with socket.create_server(("127.0.0.1", free_port)):
        assert problems(loaded) == (
            f"  balancer.port: {free_port} given; is taken on 127.0.0.1 by another program\n"
            f"      cure: pulumi config set --path balancer.port {free_port + 1}"
        )


def test_a_port_that_our_own_balancer_has(loaded: Callable[..., Stack], docker: FakeDocker, free_port: int) -> None:
    """Otherwise no second `up` could ever pass."""
    name = "cyclos-test-balancer-1-container"
    docker.containers = [(name, "cyclos-test", "running", f"127.0.0.1:{free_port}->8080/tcp")]
    with socket.create_server(("127.0.0.1", free_port)):
        assert loaded()


def test_a_new_port_that_is_taken_while_the_balancer_runs(
    loaded: Callable[..., Stack], docker: FakeDocker, free_port: int
) -> None:
    """The old balancer would be gone before the new one could not start."""
    docker.containers = [("cyclos-test-balancer-1-container", "cyclos-test", "running", "127.0.0.1:1->8080/tcp")]
    with socket.create_server(("127.0.0.1", free_port)):
        assert "is taken on 127.0.0.1 by another program" in problems(loaded)


def test_the_second_balancers_port_is_taken(loaded: Callable[..., Stack], free_port: int) -> None:
    """Each balancer publishes one."""
    with socket.create_server(("127.0.0.1", free_port)):
        text = problems(loaded, balancer=f'{{"port": {free_port - 1}, "nodes": 2}}')
    assert f"balancer.port: {free_port} given; is taken on 127.0.0.1 by another program" in text


def test_both_ports_are_taken(loaded: Callable[..., Stack], free_port: int) -> None:
    """The port after the first one would be refused next."""
    with socket.create_server(("127.0.0.1", free_port)), socket.create_server(("127.0.0.1", free_port + 1)):
        text = problems(loaded, balancer=f'{{"port": {free_port}, "nodes": 2}}')
    assert text.count("is taken on 127.0.0.1") == text.count(f"balancer.port {free_port + 2}") == 2


@pytest.mark.parametrize("address", ["10.9.9.1", "10.9.9.20", "10.9.9.200", "192.0.2.1", "moving"])
def test_a_virtual_address_that_is_not_free(loaded: Callable[..., Stack], free_port: int, address: str) -> None:
    """The gateway's, a node's, one that steps may get, one of another network, none at all."""
    balancer = f'{{"nodes": 2, "port": {free_port}, "virtualIp": "{address}"}}'
    assert problems(loaded, network='{"subnet": "10.9.9.0/24"}', balancer=balancer) == (
        f'  balancer.virtualIp: "{address}" given; must be one of 10.9.9.2, 10.9.9.3, 10.9.9.4: no node has these\n'
        "      cure: pulumi config set --path balancer.virtualIp 10.9.9.2"
    )


def test_an_address_that_is_not_this_machines(loaded: Callable[..., Stack], free_port: int) -> None:
    """Documentation addresses (RFC 5737) belong to nobody."""
    assert problems(loaded, balancer=f'{{"port": {free_port}, "address": "192.0.2.1"}}') == (
        '  balancer.address: "192.0.2.1" given; cannot be listened on: Cannot assign requested address\n'
        "      cure: pulumi config set --path balancer.address 127.0.0.1"
    )


def test_a_bad_port_is_not_followed_by_news_of_the_default_one(loaded: Callable[..., Stack]) -> None:
    """Whether port 8080 is taken does not matter to someone who wants another."""
    assert problems(loaded, balancer='{"port": "web"}').count("cure:") == 1
