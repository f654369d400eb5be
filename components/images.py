"""The images of a stack, built on its engine under names that say their content."""

from dataclasses import dataclass

import pulumi_docker as docker
from pulumi import ComponentResource, Resource, ResourceOptions

from components.commands import Command, converge
from components.host import Host
from core.images import BASE, Image
from core.package import Package


@dataclass(frozen=True)
class BuiltImage:
    """A name that containers refer to, and the resource that must exist before they do."""

    name: str
    resource: Resource


class Images(ComponentResource):
    """One RemoteImage per folder of images/, the package's image, and the application's on top of it."""

    def __init__(self, host: Host, package: Package, opts: ResourceOptions | None = None) -> None:
        super().__init__("cyclos:images:Images", "images", {}, opts)
        self._host = host
        base = {"BASE": BASE}
        tomcat = Image("tomcat", "images/tomcat", base)
        cyclos = Image("cyclos", "images/cyclos", {"TOMCAT": tomcat.name, "PACKAGE": package.image.name})
        self._artefacts = self._downloaded([tomcat, package.image])

        self.etcd = self._built(Image("etcd", "images/etcd", base))
        self.postgres = self._built(Image("postgres", "images/postgres", base))
        self.nginx = self._built(Image("nginx", "images/nginx", base))
        below = [self._built(tomcat), self._built(package.image, after=self._context(package))]
        self.cyclos = self._built(cyclos, after=[built.resource for built in below])
        self.names = {
            built.name.partition("/")[2].partition(":")[0]: built.name
            for built in (self.etcd, self.postgres, self.nginx, self.cyclos)
        }
        self.register_outputs({"names": self.names})

    def _downloaded(self, images: list[Image]) -> Command:
        """Tomcat and the demo's libraries, fetched only when an image that needs them is to be built."""
        contexts = [image.context for image in images if image.needs_artefacts]
        names = [image.name for image in images if image.needs_artefacts]
        return converge("artefacts", ["artefacts", *contexts], host=self._host, stdin="", triggers=names, parent=self)

    def _context(self, package: Package) -> list[Resource]:
        """A release becomes a build context only when its image is to be built; the demo is one as it stands."""
        if package.source is None:
            return []
        arguments = ["package", str(package.source), package.sha256, package.image.context]
        return [converge("package", arguments, host=self._host, stdin="", triggers=[package.image.name], parent=self)]

    def _built(self, image: Image, after: list[Resource] | None = None) -> BuiltImage:
        resource = docker.RemoteImage(
            f"image-{image.id}",
            name=image.name,
            build=docker.RemoteImageBuildArgs(context=image.context, build_args=dict(image.arguments)),
            # Removal is by name: it would take away an image that another stack on this engine runs.
            keep_locally=True,
            opts=ResourceOptions(
                parent=self,
                provider=self._host.provider,
                depends_on=(after or []) + ([self._artefacts] if image.needs_artefacts else []),
            ),
        )
        return BuiltImage(image.name, resource)
