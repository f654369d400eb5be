"""The one builder of containers and the one builder of volumes, with the defaults that keep data and users safe.

Spellings here avoid differences that Pulumi would show for ever.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

import pulumi_docker as docker
from pulumi import Input, Output, Resource, ResourceOptions

from components.commands import Command, converge
from components.host import Host
from core.bundle import bundle
from core.derive import Node

# The types, for those who hold one.
Container: TypeAlias = docker.Container
Volume: TypeAlias = docker.Volume
LOG_OPTIONS = {"max-size": "10m", "max-file": "5"}
# PostgreSQL's parallel queries need more than the engine's default of 64.
SHARED_MEMORY_MIB = 128


@dataclass(frozen=True, kw_only=True)
class Service:
    """What distinguishes one server's container from another's."""

    node: Node
    image: str
    memory_mib: int
    stop_grace_seconds: int
    files: Mapping[str, Input[str]] = field(default_factory=dict)  # absolute path -> text of ISO-8859-1
    secret_files: Mapping[str, Input[str]] = field(default_factory=dict)
    environment: Mapping[str, str] = field(default_factory=dict)  # never a secret
    volume: Volume | None = None
    volume_path: str = ""
    aliases: tuple[str, ...] = ()
    published: Mapping[int, tuple[str, int]] = field(default_factory=dict)  # inner port -> (address, port)
    stop_signal: str = "SIGTERM"
    capabilities: tuple[str, ...] = ()  # for programs of the image whose files ask for them
    labels: Mapping[str, str] = field(default_factory=dict)  # beside the usual ones


def data_volume(name: str, *, host: Host, node: Node, parent: Resource) -> Volume:
    """A named volume for a server's data, protected and retained unless the stack is disposable.

    Its labels must never change: that alone would replace the volume and so delete the data.
    """
    labels = host.names.labels(tier=node.tier, node=node.id)
    return Volume(
        name,
        name=host.names.physical(name),
        labels=[docker.VolumeLabelArgs(label=key, value=value) for key, value in sorted(labels.items())],
        opts=ResourceOptions(
            parent=parent, provider=host.provider, protect=not host.disposable, retain_on_delete=not host.disposable
        ),
    )


def service_container(name: str, service: Service, *, host: Host, parent: Resource, after: list[Resource]) -> Container:
    """A hardened container with a fixed address on the stack's network, not started yet."""
    labels = {**host.names.labels(tier=service.node.tier, node=service.node.id), **service.labels}
    return Container(
        name,
        name=host.names.physical(name),
        image=service.image,
        hostname=service.node.id,
        envs=[f"{key}={value}" for key, value in sorted(service.environment.items())],
        labels=[docker.ContainerLabelArgs(label=key, value=value) for key, value in sorted(labels.items())],
        volumes=_volumes(service),
        ports=_ports(service),
        network_mode="bridge",
        networks_advanced=[
            docker.ContainerNetworksAdvancedArgs(
                name=host.network, aliases=[service.node.id, *service.aliases], ipv4_address=service.node.address
            )
        ],
        # Swap equal to memory means none; left out, the engine's own choice would differ from the program's for ever.
        memory=service.memory_mib,
        memory_swap=service.memory_mib,
        capabilities=docker.ContainerCapabilitiesArgs(adds=[*service.capabilities] or None, drops=["ALL"]),
        # It would also take away what a program's file asks for.
        security_opts=[] if service.capabilities else ["no-new-privileges"],
        init=True,
        shm_size=SHARED_MEMORY_MIB,
        restart="unless-stopped",
        stop_signal=service.stop_signal,
        stop_timeout=service.stop_grace_seconds,
        destroy_grace_seconds=service.stop_grace_seconds,
        log_driver="json-file",
        log_opts=LOG_OPTIONS,
        start=False,
        must_run=False,
        wait=False,
        opts=ResourceOptions(parent=parent, provider=host.provider, depends_on=after, delete_before_replace=True),
    )


def started(
    name: str,
    service: Service,
    container: Container,
    *,
    host: Host,
    parent: Resource,
    after: Sequence[Resource] = (),
    until: Sequence[str] = (),
    step_down: str = "",
) -> Command:
    """Put the server's files in place and start it; then wait, if `until` names seconds and a probe of the image.

    `step_down` names a script of the image that prepares the server for every planned stop: before its files change
    and before its container is replaced or removed. A command, because each file that the provider itself copies costs
    ten milliseconds of every preview. Prints when the container was started.
    """
    return converge(
        name,
        ["start", container.name, step_down, *until],
        host=host,
        stdin=_files(service),
        triggers=[container.id],
        found_at=host.stopped_at(service.node),
        undo=["stop", container.name, step_down],
        parent=parent,
        after=after,
    )


def _files(service: Service) -> Output[str]:
    """All files as one text, secret when one of them is. No server may write what it starts with next."""
    files = {**service.files, **{path: Output.secret(text) for path, text in service.secret_files.items()}}
    # Java reads .properties as ISO-8859-1; every other file is ASCII, for which it makes no difference.
    return Output.all(**files).apply(lambda texts: bundle(texts, mode=0o444, encoding="iso-8859-1"))


def _volumes(service: Service) -> list[docker.ContainerVolumeArgs]:
    if service.volume is None:
        return []
    return [docker.ContainerVolumeArgs(volume_name=service.volume.name, container_path=service.volume_path)]


def _ports(service: Service) -> list[docker.ContainerPortArgs]:
    return [
        docker.ContainerPortArgs(internal=inner, external=port, ip=address, protocol="tcp")
        for inner, (address, port) in sorted(service.published.items())
    ]
