"""The four kinds of command, no other.

once (seeds), converge (pushes what may be pushed again), gate (waits), held (makes an object of the engine and removes
it with the stack). Each runs a script of components/bin with Docker's client against the node's engine. Files and
passwords travel on stdin. Only `held` has a delete script: what the others did goes with the volume or the container
that they did it to.
"""

import shlex
from collections.abc import Sequence
from typing import TypeAlias

import pulumi_command as command
from pulumi import Input, Output, Resource, ResourceOptions

from components.host import Host

Command: TypeAlias = command.local.Command  # the type, for those who hold one
SCRIPTS = "components/bin"


def once(
    name: str,
    arguments: Sequence[Input[str]],
    *,
    host: Host,
    identity: Sequence[Input[str]],
    stdin: Input[str],
    parent: Resource,
    after: Sequence[Resource] = (),
) -> Command:
    """Run a script once in the life of `identity`: a volume's name, say, never a container's id.

    An edit of the script or of its input never runs it again, so that no change of text can touch data.
    """
    opts = ResourceOptions(parent=parent, depends_on=list(after))
    return _command(name, arguments, host.url, Output.secret(stdin), identity, opts, update=":")


def converge(
    name: str,
    arguments: Sequence[Input[str]],
    *,
    host: Host,
    stdin: Input[str],
    parent: Resource,
    triggers: Sequence[Input[str]] = (),
    after: Sequence[Resource] = (),
) -> Command:
    """Run an idempotent script whenever its input or what it was applied to has changed."""
    opts = ResourceOptions(parent=parent, depends_on=list(after))
    return _command(name, arguments, host.url, stdin, triggers, opts)


def gate(
    name: str,
    arguments: Sequence[Input[str]],
    *,
    host: Host,
    containers: Sequence[Input[str]],
    stopped_at: str = "",
    parent: Resource,
    after: Sequence[Resource] = (),
) -> Command:
    """Wait until a condition holds; ask again when one of `containers` (ids) was replaced or had been stopped.

    A stopped container keeps its id when it is started again. The moment of its stop, which preflight saw, is then
    what makes the gate run; otherwise that field is left as it is, so that a later run finds nothing to change.
    """
    ignored = [] if stopped_at else ["stdin"]
    opts = ResourceOptions(parent=parent, depends_on=list(after), ignore_changes=ignored)
    return _command(name, arguments, host.url, stopped_at, containers, opts)


def held(
    name: str,
    arguments: Sequence[Input[str]],
    *,
    engine: str,
    removal: Sequence[str],
    missing_at: str = "",
    parent: Resource,
) -> Command:
    """Make an object of the engine at this URL; replace it when the words change.

    The script prints the object's id. When preflight missed the object it is made again: `missing_at` works as
    `stopped_at` does for a gate.
    """
    opts = ResourceOptions(parent=parent, ignore_changes=[] if missing_at else ["stdin"], delete_before_replace=True)
    return _command(name, arguments, engine, missing_at, arguments, opts, delete=_call(removal))


def _call(words: Sequence[str]) -> str:
    return f"exec {SCRIPTS}/{shlex.join(words)}"


def _command(
    name: str,
    arguments: Sequence[Input[str]],
    engine: str,
    stdin: Input[str],
    triggers: Sequence[Input[str]],
    opts: ResourceOptions,
    update: str | None = None,
    delete: str | None = None,
) -> Command:
    return Command(
        name,
        create=Output.all(*arguments).apply(_call),
        update=update,
        delete=delete,
        stdin=stdin,
        triggers=list(triggers),
        environment={"DOCKER_HOST": engine},
        add_previous_output_in_env=False,
        logging=command.local.Logging.NONE,
        opts=opts,
    )
