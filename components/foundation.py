"""What every tier stands on: the engine's provider, the private network, passwords and certificates."""

from dataclasses import dataclass

import pulumi_docker as docker
import pulumi_random as random
from pulumi import ComponentResource, Output, ResourceOptions

from components.commands import held
from components.etcd_certificates import EtcdCertificates, etcd_certificates
from components.host import Host
from core.load import Stack

PASSWORD_LENGTH = 32


@dataclass(frozen=True)
class Passwords:
    """One password per role, all secret. PostgreSQL's superuser has none: only the local socket lets it in."""

    replicator: Output[str]
    rewinder: Output[str]
    restapi: Output[str]  # Patroni's
    cyclos: Output[str]


class Foundation(ComponentResource):
    """Provider, network, passwords and certificates of one stack on one engine."""

    host: Host
    passwords: Passwords
    certificates: EtcdCertificates

    def __init__(self, stack: Stack, opts: ResourceOptions | None = None) -> None:
        super().__init__("cyclos:foundation:Foundation", "foundation", {}, opts)
        provider = self._engine(stack)
        network = self._network(stack)
        self.host = Host(
            url=stack.settings.engine.host,
            provider=provider,
            names=stack.names,
            network=network,
            engine=stack.engine,
            moves=stack.moves,
            disposable=stack.settings.disposable,
        )
        roles = ("replicator", "rewinder", "restapi", "cyclos")
        self.passwords = Passwords(**{role: self._password(role, stack.settings.disposable) for role in roles})
        self.certificates = etcd_certificates(self.host, stack.topology.etcd, parent=self)
        self.register_outputs({"network": network})

    def _engine(self, stack: Stack) -> docker.Provider:
        host = stack.settings.engine.host
        # An empty context: left out, DOCKER_CONTEXT would win over the host, even in the refresh before preflight.
        return docker.Provider(stack.names.provider(host), host=host, context="", opts=ResourceOptions(parent=self))

    def _network(self, stack: Stack) -> Output[str]:
        """Id of the private network: containers follow it when it had to be made again.

        A command, because the provider's own network waits two seconds whenever it is made or looked at.
        """
        name, subnet = stack.names.physical("network"), stack.topology.subnet
        return held(
            "network",
            ["network", "make", name, stack.names.owner, str(subnet), str(subnet[1]), stack.topology.step_range],
            engine=stack.settings.engine.host,
            undo=["network", "remove", name],
            missing_at=stack.engine.missing_at(name),
            parent=self,
        ).stdout

    def _password(self, role: str, disposable: bool) -> Output[str]:
        """Letters and digits only, so that no shell, URL or configuration file needs quotes for it."""
        return random.RandomPassword(
            f"password-{role}",
            length=PASSWORD_LENGTH,
            special=False,
            opts=ResourceOptions(parent=self, protect=not disposable, ignore_changes=["length", "special"]),
        ).result
