"""Entry point of `pulumi up`: load, deploy, export."""

import pulumi

from core.load import load
from core.settled import settled
from deployment import deploy

for name, value in deploy(load()).items():
    pulumi.export(name, value)
pulumi.run(settled)
