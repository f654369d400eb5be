"""Where a node runs, and what every node of a stack there shares."""

from dataclasses import dataclass

import pulumi_docker as docker
from pulumi import Output

from core.naming import Names
from core.preflight import Engine


@dataclass(frozen=True, kw_only=True)
class Host:
    """One Docker engine, as components see it."""

    url: str
    provider: docker.Provider
    names: Names
    network: Output[str]  # name of the stack's private network
    engine: Engine  # what preflight found there
    disposable: bool  # whether destroy may delete data
