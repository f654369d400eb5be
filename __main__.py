"""Entry point of `pulumi up`: load, deploy, export."""

import gc
import signal

import pulumi

from core.load import load
from core.sdk import settled, without_debug_messages
from deployment import deploy

# Pulumi interrupts the program when a step has failed: no traceback of ours below the step's own error.
signal.signal(signal.SIGINT, signal.SIG_DFL)
# The program ends before there is anything worth collecting.
gc.disable()
without_debug_messages()

for name, value in deploy(load()).items():
    pulumi.export(name, value)
pulumi.run(settled)
