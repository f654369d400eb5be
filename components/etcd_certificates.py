"""Who may speak to the consensus store, and to whom its members speak: certificates, made once per stack."""

import json
from collections.abc import Sequence
from dataclasses import dataclass

from pulumi import Output, Resource

from components.commands import told
from components.host import Host
from core.derive import Node


@dataclass(frozen=True, kw_only=True)
class Credentials:
    """What one side shows and what it believes; PEM texts, all secret."""

    authority: Output[str]
    certificate: Output[str]
    key: Output[str]

    def files(self, folder: str) -> dict[str, Output[str]]:
        """The three files that etcd and its clients are pointed to."""
        return {
            f"{folder}/authority.pem": self.authority,
            f"{folder}/certificate.pem": self.certificate,
            f"{folder}/key.pem": self.key,
        }


@dataclass(frozen=True, kw_only=True)
class EtcdCertificates:
    """One pair for the members, among themselves and for clients; one for clients."""

    member: Credentials
    client: Credentials


def etcd_certificates(host: Host, members: Sequence[Node], parent: Resource) -> EtcdCertificates:
    """Have one authority issue them; members are found by their names and addresses."""
    places = ["127.0.0.1", *(place for node in members for place in (node.id, node.address))]
    texts = told("etcd-certificates", ["certificates"], host=host, stdin=" ".join(places), parent=parent)
    return EtcdCertificates(member=_credentials(texts, "member"), client=_credentials(texts, "client"))


def _credentials(texts: Output[str], role: str) -> Credentials:
    def text(name: str) -> Output[str]:
        return texts.apply(lambda known: str(json.loads(known)[name]))

    return Credentials(authority=text("authority"), certificate=text(f"{role}_certificate"), key=text(f"{role}_key"))
