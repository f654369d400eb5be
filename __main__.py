"""Entry point of `pulumi up`: load, deploy, export."""

import signal

import pulumi

from core.load import load
from core.settled import settled
from deployment import deploy

# Pulumi interrupts the program when a step has failed: no traceback of ours below the step's own error.
signal.signal(signal.SIGINT, signal.SIG_DFL)

for name, value in deploy(load()).items():
    pulumi.export(name, value)
pulumi.run(settled)
