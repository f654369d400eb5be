"""Certificates of the consensus store: one authority, whose key nobody keeps, one pair for members, one for clients.

Run by components/bin/certificates: names and addresses of the members on stdin, the pairs as JSON on stdout.
"""

import json
import sys
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

# Nobody would be there to renew them: who can read them can read the data beside them.
VALID = timedelta(days=36_500)
CLOCKS_DIFFER = timedelta(days=1)
# Python from 3.13 on believes no authority without it.
SIGNS_CERTIFICATES = x509.KeyUsage(
    key_cert_sign=True,
    crl_sign=False,
    digital_signature=False,
    content_commitment=False,
    key_encipherment=False,
    data_encipherment=False,
    key_agreement=False,
    encipher_only=False,
    decipher_only=False,
)


def certificates(places: list[str]) -> dict[str, str]:
    """PEM texts: `authority`, and for `member` and `client` a certificate and a key; members are found at `places`."""
    key = ec.generate_private_key(ec.SECP256R1())
    issued_by = x509.AuthorityKeyIdentifier.from_issuer_public_key(key.public_key())
    authority = (
        _begun("authority", key)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(SIGNS_CERTIFICATES, critical=True)
    )
    texts = {"authority": _text(authority.sign(key, SHA256()))}
    for role, found_at in (("member", places), ("client", [])):
        own = ec.generate_private_key(ec.SECP256R1())
        builder = _begun(role, own).add_extension(issued_by, critical=False)
        if found_at:
            builder = builder.add_extension(x509.SubjectAlternativeName(list(map(_place, found_at))), critical=False)
        texts[f"{role}_certificate"] = _text(builder.sign(key, SHA256()))
        texts[f"{role}_key"] = own.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
    return texts


def _begun(role: str, key: ec.EllipticCurvePrivateKey) -> x509.CertificateBuilder:
    now = datetime.now(UTC)
    return x509.CertificateBuilder(
        issuer_name=_name("authority"),
        subject_name=_name(role),
        public_key=key.public_key(),
        serial_number=x509.random_serial_number(),
        not_valid_before=now - CLOCKS_DIFFER,
        not_valid_after=now + VALID,
    ).add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)


def _name(role: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, f"etcd {role}")])


def _place(text: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ip_address(text))
    except ValueError:
        return x509.DNSName(text)


def _text(certificate: x509.Certificate) -> str:
    return certificate.public_bytes(Encoding.PEM).decode()


if __name__ == "__main__":
    json.dump(certificates(sys.stdin.read().split()), sys.stdout)
