"""Signals as Pulumi expects them."""

import signal


def heed_interrupts() -> None:
    """Undo what a shell does to what it starts in the background: there SIGINT is ignored, by children too.

    Pulumi ends its plugins with SIGINT. One that ignores it is killed, but only after five seconds of every command.
    """
    signal.signal(signal.SIGINT, signal.default_int_handler)
