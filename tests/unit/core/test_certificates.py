"""Certificates of the consensus store, read back by the library that OpenSSL's users trust."""

import ssl
from datetime import UTC, datetime
from ipaddress import ip_address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from core.certificates import certificates

MADE = certificates(["etcd-1", "10.200.1.10"])


def read(name: str) -> x509.Certificate:
    """One of the certificates."""
    return x509.load_pem_x509_certificate(MADE[name].encode())


def context(role: str, folder: Path) -> ssl.SSLContext:
    """What one side of a connection is given."""
    for name in ("authority", f"{role}_certificate", f"{role}_key"):
        (folder / name).write_text(MADE[name])
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT if role == "client" else ssl.PROTOCOL_TLS_SERVER)
    made.verify_flags |= ssl.VERIFY_X509_STRICT
    made.verify_mode = ssl.CERT_REQUIRED
    made.load_verify_locations(folder / "authority")
    made.load_cert_chain(folder / f"{role}_certificate", folder / f"{role}_key")
    return made


def test_both_pairs_come_from_the_one_authority() -> None:
    """And each key belongs to its certificate."""
    for role in ("member", "client"):
        certificate = read(f"{role}_certificate")
        certificate.verify_directly_issued_by(read("authority"))
        key = load_pem_private_key(MADE[f"{role}_key"].encode(), password=None)
        assert key.public_key() == certificate.public_key()


def test_a_strict_client_and_a_member_believe_each_other(tmp_path: Path) -> None:
    """Python from 3.13 on, Patroni's, is strict."""
    client, member = (context(role, tmp_path) for role in ("client", "member"))
    to_client, to_member = ssl.MemoryBIO(), ssl.MemoryBIO()
    asking = client.wrap_bio(to_client, to_member, server_hostname="10.200.1.10")
    answering = member.wrap_bio(to_member, to_client, server_side=True)
    waiting = {asking, answering}
    for side in (asking, answering) * 3:
        try:
            side.do_handshake()
        except ssl.SSLWantReadError:
            continue
        waiting.discard(side)
    assert not waiting
    assert answering.getpeercert()


def test_members_are_who_they_are_where_they_are() -> None:
    """A client finds them by name or address."""
    found = read("member_certificate").extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert found.get_values_for_type(x509.DNSName) == ["etcd-1"]
    assert found.get_values_for_type(x509.IPAddress) == [ip_address("10.200.1.10")]


def test_they_outlive_their_operator() -> None:
    """Nothing renews them; a cluster must not stop on a date that nobody remembers."""
    for name in ("authority", "member_certificate", "client_certificate"):
        assert read(name).not_valid_after_utc.year - datetime.now(UTC).year > 90


def test_the_key_of_the_authority_is_not_kept() -> None:
    """So that nobody can make another member."""
    assert MADE.keys() == {"authority", "member_certificate", "member_key", "client_certificate", "client_key"}
    assert "PRIVATE" not in MADE["authority"]


def test_another_stack_has_another_authority() -> None:
    """A member of one is a stranger to the other."""
    assert certificates(["etcd-1"])["authority"] != MADE["authority"]
