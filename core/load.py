"""The only reader of Pulumi's configuration and of the environment. Everything wrong is reported at once."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, replace

import pulumi
from pulumi.runtime.config import CONFIG

from core import changes, preflight
from core.derive import Topology, topology
from core.engine import Engine
from core.model import Settings
from core.naming import Names
from core.package import Package, package_of
from core.parse import parse
from core.problems import BadSettings, Problem
from cyclos_package import PackageError


@dataclass(frozen=True)
class Stack:
    """All that the deployment is made from."""

    names: Names
    settings: Settings
    topology: Topology
    engine: Engine
    package: Package

    @property
    def moves(self) -> bool:
        """Whether the stack's network exists in another subnet than it is to have."""
        network = self.engine.networks.get(self.names.physical("network"))
        return network is not None and network.subnet != str(self.topology.subnet)


def load() -> Stack:
    """Read, check and lay out the current stack. Ends the program with one readable error when anything is wrong."""
    try:
        return _load(Names(pulumi.get_project(), pulumi.get_stack(), pulumi.get_organization()))
    except BadSettings as error:
        raise pulumi.RunError(str(error)) from None


def _load(names: Names) -> Stack:
    settings, problems = parse(_values(names.project))
    package = None
    try:
        package = package_of(settings.package)
    except PackageError as error:
        problems.append(Problem("package", error.given, error.rule, error.cure))
    problems += preflight.environment_problems(os.environ, settings.engine.host)
    layout = topology(settings, names)
    engine = Engine()
    found: list[Problem] = []
    # Without its address nothing is known of the engine: the default one may be somebody else's.
    if not _doubted("engine.host", problems):
        engine, found = preflight.look(settings, names, layout)
    problems = _merged(problems, found, changes.fitting(settings, names, layout, engine))
    if problems or package is None:
        raise BadSettings(problems)
    return Stack(names, settings, layout, engine, package)


def _merged(problems: list[Problem], found: list[Problem], fitting: Mapping[str, str]) -> list[Problem]:
    """Problems of the settings, each with the cure that the stack will accept, and those that were found.

    What was found was looked for with the default of every doubted setting, and an address with its subnet.
    """
    known = [
        replace(problem, cure=f"pulumi config set --path {problem.key} {fitting[problem.key]}")
        if problem.key in fitting
        else problem
        for problem in problems
    ]
    new = [problem for problem in found if not _doubted(problem.key, problems)]
    homeless = _doubted("network.subnet", problems + new)
    return known + [problem for problem in new if not (homeless and problem.key == "balancer.virtualIp")]


def _doubted(key: str, problems: list[Problem]) -> bool:
    """Whether something is wrong with a setting or with its whole group."""
    return any(problem.key in {key, key.partition(".")[0]} for problem in problems)


def _values(project: str) -> dict[str, str]:
    """Every key of this project that the stack sets, known or not."""
    prefix = f"{project}:"
    return {key.removeprefix(prefix): value for key, value in CONFIG.get().items() if key.startswith(prefix)}
