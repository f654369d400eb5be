"""The settings of a stack: their names, defaults, limits and descriptions. Nothing here reads anything."""

from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel

# A container below this does not even start its own runtime; the engine's floor is 6 MiB.
ServiceMemory = Annotated[int, Field(ge=64, le=1_048_576)]


class Section(BaseModel):
    """Frozen, no unknown keys, camelCase outside and snake_case inside."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", alias_generator=to_camel, validate_by_name=True, validate_default=True
    )


class Group(Section, strict=True):
    """Settings under one key. Strict, because Python would take true for 1 and 3.0 for 3."""


class EtcdSettings(Group):
    """Consensus tier: decides which PostgreSQL node leads."""

    members: int = Field(1, ge=1, le=5, description="etcd members: 1, 3 or 5")
    memory_mib: ServiceMemory = Field(256, description="Memory limit of each member, MiB")


class PostgresSettings(Group):
    """Database tier: the first node is seeded as primary, the others by base backup."""

    # Places for five are reserved at birth; clients list the first three (docs/decisions.md).
    replicas: int = Field(1, ge=1, le=4, description="Streaming replicas beside the primary")
    memory_mib: int = Field(
        512, ge=256, le=1_048_576, description="Memory limit of each node, MiB; a quarter becomes shared_buffers"
    )
    synchronous_replicas: int = Field(
        1, ge=1, le=4, description="Replicas that must have a commit before it is confirmed"
    )
    leader: str = Field("", description="Node that shall lead, such as postgres-2; empty leaves that to the cluster")
    max_connections: int = Field(
        100, ge=20, le=10_000, description="PostgreSQL's max_connections, the same on every node"
    )
    # Patroni's own limits: it stores lower ones and does not use them.
    ttl_seconds: int = Field(
        20,
        ge=20,
        le=300,
        description="A leader that is silent for so long is replaced; above 20, requests may fail first",
    )
    loop_wait_seconds: int = Field(2, ge=1, le=60, description="Between two rounds of Patroni on a node")
    retry_timeout_seconds: int = Field(3, ge=3, le=120, description="Silence of the consensus store that is borne")


class TomcatSettings(Group):
    """Application tier: Tomcat nodes that share their HTTP sessions."""

    nodes: int = Field(2, ge=2, le=20, description="Tomcat nodes; fewer than two could not share a session")
    memory_mib: int = Field(
        1024, ge=500, le=1_048_576, description="Memory limit of each node, MiB; the Java heap is derived from it"
    )
    # As long as a failover takes: what was asked of a leader that vanished is asked again of the next.
    database_seconds: int = Field(
        20, ge=10, le=86_400, description="Longest wait for an answer of the database; a longer statement is cut"
    )


class BalancerSettings(Group):
    """Balancers publish the only ports of the stack, one each."""

    nodes: int = Field(1, ge=1, le=3, description="Balancers; without a virtual address, clients must choose one")
    virtual_ip: str = Field(
        "", description="Address in the stack's subnet that moves to a living balancer; needs two or more of them"
    )
    address: str = Field("127.0.0.1", description="IPv4 address of the engine's machine on which the port is published")
    port: int = Field(
        8080, ge=1, le=65535, description="Published TCP port of the first balancer; the next has the next"
    )
    max_upload_mib: int = Field(50, ge=1, le=10_240, description="Largest request body the balancer accepts, MiB")
    memory_mib: ServiceMemory = Field(128, description="Memory limit, MiB")


class NetworkSettings(Group):
    """The private network that only this stack's containers join."""

    subnet: str = Field("", description="Private IPv4 /24; empty derives one below 10.128.0.0/9 from the stack's name")


class EngineSettings(Group):
    """The Docker engine that runs every node."""

    host: str = Field("unix:///var/run/docker.sock", description="Engine address: unix://, tcp:// or ssh://")


class Settings(Section):
    """Everything an operator can set on one stack."""

    package: Path | None = Field(
        None, description="Cyclos release to deploy: zip, .war or extracted folder; empty deploys the demo package"
    )
    disposable: bool = Field(False, description="True lets `pulumi destroy` delete volumes and passwords")
    etcd: EtcdSettings = EtcdSettings()
    postgres: PostgresSettings = PostgresSettings()
    tomcat: TomcatSettings = TomcatSettings()
    balancer: BalancerSettings = BalancerSettings()
    network: NetworkSettings = NetworkSettings()
    engine: EngineSettings = EngineSettings()
