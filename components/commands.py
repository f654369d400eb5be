"""The five kinds of command, no other.

once (seeds), converge (starts and pushes, what may be done again), gate (waits), held (makes an object of the engine
and removes it with the stack), told (makes a secret). Each runs a script of components/bin with Docker's client against
the node's engine. Files and passwords travel on stdin. What no script of its own undoes goes with the volume or the
container that it was done to.
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
    volume: Input[str],
    missing_at: str,
    stdin: Input[str],
    parent: Resource,
    after: Sequence[Resource] = (),
) -> Command:
    """Run a script once in the life of a volume on its engine; the moment when preflight missed it begins a new life.

    As long as the volume is there, no edit of the script or of its input runs it again, so that no change of text can
    touch data.
    """
    opts = _options(parent, after)
    triggers = _with_moment([host.url, volume], missing_at, opts)
    return _command(name, arguments, host.url, Output.secret(stdin), triggers, opts, update=":")


def converge(
    name: str,
    arguments: Sequence[Input[str]],
    *,
    host: Host,
    stdin: Input[str],
    parent: Resource,
    triggers: Sequence[Input[str]] = (),
    found_at: str | None = None,
    undo: Sequence[Input[str]] = (),
    after: Sequence[Resource] = (),
) -> Command:
    """Run an idempotent script whenever its input or what it is applied to has changed, or was found stopped.

    `found_at` is when preflight found that it must run although no input changed: a stopped container keeps its id.
    `undo` is run before what it is applied to is replaced or removed.
    """
    opts = _options(parent, after)
    if found_at is not None:
        triggers = _with_moment(triggers, found_at, opts)
    return _command(name, arguments, host.url, stdin, triggers, opts, undo=undo)


def gate(
    name: str,
    arguments: Sequence[Input[str]],
    *,
    host: Host,
    starts: Sequence[Command],
    parent: Resource,
    after: Sequence[Resource] = (),
) -> Command:
    """Wait until a condition holds; ask again when one of these commands has started its container anew."""
    return _command(name, arguments, host.url, "", [start.stdout for start in starts], _options(parent, after))


def held(
    name: str,
    arguments: Sequence[Input[str]],
    *,
    engine: str,
    undo: Sequence[str],
    missing_at: str,
    parent: Resource,
) -> Command:
    """Make an object of the engine at this URL; replace it when the words change.

    The script prints the object's id. The moment when preflight missed the object makes the script run again.
    """
    opts = _options(parent)
    triggers = _with_moment(arguments, missing_at, opts)
    return _command(name, arguments, engine, "", triggers, opts, undo=undo)


def told(name: str, arguments: Sequence[Input[str]], *, host: Host, stdin: Input[str], parent: Resource) -> Output[str]:
    """Have a script make a secret, which is kept in the state; another one only when its input changes."""
    opts = _options(parent)
    opts.additional_secret_outputs = ["stdout"]
    return Output.secret(_command(name, arguments, host.url, stdin, [], opts).stdout)


def _options(parent: Resource, after: Sequence[Resource] = ()) -> ResourceOptions:
    """A command that is to run again leaves the state first: should it fail, the next run still has it to do."""
    return ResourceOptions(parent=parent, depends_on=list(after), delete_before_replace=True)


def _with_moment(triggers: Sequence[Input[str]], moment: str, opts: ResourceOptions) -> list[Input[str]]:
    """One trigger more; when it is empty it stays as it was, so that the run after a repair finds nothing to change."""
    if not moment:
        opts.ignore_changes = [f"triggers[{len(triggers)}]"]
    return [*triggers, moment]


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
    undo: Sequence[Input[str]] = (),
) -> Command:
    return Command(
        name,
        create=Output.all(*arguments).apply(_call),
        update=update,
        delete=Output.all(*undo).apply(_call) if undo else None,
        stdin=stdin,
        triggers=list(triggers),
        environment={"DOCKER_HOST": engine},
        add_previous_output_in_env=False,
        logging=command.local.Logging.NONE,
        opts=opts,
    )
