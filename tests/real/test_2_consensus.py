"""Who may speak to the consensus store: whoever could write there would say who leads."""

import socket
import ssl
from pathlib import Path

import pytest

from core.certificates import certificates
from tests.real.cluster import Cluster

MEMBER = "etcd-1"
CLIENTS, PEERS = 2379, 2380
QUESTION = b"GET /version HTTP/1.0\r\n\r\n"


@pytest.fixture
def believing(cluster: Cluster) -> ssl.SSLContext:
    """What somebody has who only knows the stack's authority."""
    return ssl.create_default_context(cadata=cluster.execute(MEMBER, "cat", "/etc/etcd/authority.pem"))


def answer(context: ssl.SSLContext, address: str, port: int) -> bytes:
    """What a member says to a client of these credentials."""
    with (
        socket.create_connection((address, port), timeout=5) as plain,
        context.wrap_socket(plain, server_hostname=address) as secure,
    ):
        secure.sendall(QUESTION)
        return secure.recv(1)


@pytest.mark.parametrize("port", [CLIENTS, PEERS])
def test_nobody_without_a_certificate(cluster: Cluster, believing: ssl.SSLContext, port: int) -> None:
    """Neither as a client nor as a member."""
    with pytest.raises(ssl.SSLError, match="CERTIFICATE_REQUIRED"):
        answer(believing, cluster.address(MEMBER), port)


@pytest.mark.parametrize("port", [CLIENTS, PEERS])
def test_nobody_with_the_certificate_of_another_authority(
    cluster: Cluster, believing: ssl.SSLContext, port: int, tmp_path: Path
) -> None:
    """Another stack's, for example."""
    foreign = certificates([])
    (tmp_path / "pair.pem").write_text(foreign["client_certificate"] + foreign["client_key"])
    believing.load_cert_chain(tmp_path / "pair.pem")
    # The member's verdict; ours about it would have other words.
    with pytest.raises(ssl.SSLError, match=r"EOF|BAD_CERTIFICATE|UNKNOWN_CA"):
        answer(believing, cluster.address(MEMBER), port)


@pytest.mark.parametrize(("port", "begin"), [(CLIENTS, b"H"), (PEERS, b"")])
def test_somebody_with_a_certificate_of_the_stack(
    cluster: Cluster, believing: ssl.SSLContext, port: int, begin: bytes, tmp_path: Path
) -> None:
    """The question is answered there, or at least no error."""
    pair = cluster.execute(MEMBER, "cat", "/etc/etcd/certificate.pem", "/etc/etcd/key.pem")
    (tmp_path / "pair.pem").write_text(pair)
    believing.load_cert_chain(tmp_path / "pair.pem")
    assert answer(believing, cluster.address(MEMBER), port) == begin


def test_nobody_without_encryption(cluster: Cluster) -> None:
    """The connection ends without a word."""
    with socket.create_connection((cluster.address(MEMBER), CLIENTS), timeout=5) as plain:
        plain.sendall(QUESTION)
        assert plain.recv(1) == b""
