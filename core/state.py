"""What Pulumi's state says of the stack. Asked only where the engine cannot tell."""

import json
import subprocess

from core.policy import VOLUME


def protected_volumes(stack: str) -> frozenset[str]:
    """Names on the engine of those volumes that Pulumi would refuse to delete: the last `pulumi up` protected them."""
    command = ["pulumi", "stack", "export", "--stack", stack]
    exported = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True).stdout
    resources = json.loads(exported)["deployment"].get("resources", [])
    return frozenset(
        resource["inputs"]["name"] for resource in resources if resource["type"] == VOLUME and resource.get("protect")
    )
