"""Two things that Pulumi's SDK does more slowly than it must; what they cost was measured (docs/decisions.md)."""

import asyncio

import pulumi.log


def without_debug_messages() -> None:
    """Keep the SDK's own debug messages from the engine: it waits for an answer to each, five per resource."""
    pulumi.log.debug = lambda *_, **__: None


async def settled() -> None:
    """Return when every resource is registered, or one has failed.

    Pulumi's SDK would wait as well, but begins anew after each output: time that grows with the square of the stack.
    """
    this = asyncio.current_task()
    while others := [task for task in asyncio.all_tasks() if task is not this]:
        done, _ = await asyncio.wait(others, return_when=asyncio.FIRST_EXCEPTION)
        if any(task.cancelled() or task.exception() for task in done):
            return  # the SDK reports it
