"""One container on the default bridge, with an explicit provider: what a preview costs at least."""

import pulumi
import pulumi_docker as docker

engine = docker.Provider("engine", host="unix:///var/run/docker.sock")
owner = f"{pulumi.get_project()}-{pulumi.get_stack()}"
docker.Container(
    "one",
    name=owner,
    image="debian:trixie-slim",
    command=["sleep", "infinity"],
    init=True,
    must_run=True,
    labels=[docker.ContainerLabelArgs(label="cyclos.stack", value=owner)],
    opts=pulumi.ResourceOptions(provider=engine),
)
