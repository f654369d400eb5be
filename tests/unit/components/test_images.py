"""Images: built under names that say their content."""

import re

from core.policy import CONTAINER, IMAGE
from tests.support.stacks import ROOT, Deployed

NAME = re.compile(r"cyclos-cluster/[a-z]+:[0-9a-f]{12}")


def test_every_container_runs_an_image_of_this_stack(each: Deployed) -> None:
    """And waits until it is built."""
    images = {image.inputs["name"]: image.name for image in each.recording.of(IMAGE)}
    for container in each.recording.of(CONTAINER):
        assert images[container.inputs["image"]] in container.options.depends_on


def test_names_say_the_content(each: Deployed) -> None:
    """The same name means the same content on every engine."""
    assert all(NAME.fullmatch(image.inputs["name"]) for image in each.recording.of(IMAGE))


def test_an_image_outlives_its_stack(each: Deployed) -> None:
    """Another stack on the same engine may run it: names are shared."""
    assert all(image.inputs["keepLocally"] is True for image in each.recording.of(IMAGE))


def test_the_demo_is_built_from_this_repository(default: Deployed) -> None:
    """Its folder is the build context; nothing is unpacked first."""
    assert default.recording["image-demo"].inputs["build"]["context"] == "demo"
    assert not [found.name for found in default.recording.resources if found.name == "package"]


def test_a_release_becomes_a_build_context_first(production: Deployed) -> None:
    """Only when the image is to be built: the trigger is its name."""
    package, image = production.recording["package"], production.recording["image-package"]
    assert package.inputs["triggers"] == [image.inputs["name"]]
    assert package.inputs["create"].endswith(image.inputs["build"]["context"])
    assert package.name in image.options.depends_on
    assert image.inputs["build"]["context"].startswith("build/package/")


def test_the_application_is_tomcat_and_package(production: Deployed) -> None:
    """A new release changes one layer; Tomcat's image stays."""
    recording = production.recording
    arguments = recording["image-cyclos"].inputs["build"]["buildArgs"]
    assert arguments == {
        "TOMCAT": recording["image-tomcat"].inputs["name"],
        "PACKAGE": recording["image-package"].inputs["name"],
    }
    assert set(recording["image-cyclos"].options.depends_on) == {"image-tomcat", "image-package"}


def test_every_image_has_its_recipe(each: Deployed) -> None:
    """A context without a Dockerfile would fail only in the middle of an `up`."""
    for image in each.recording.of(IMAGE):
        context = image.inputs["build"]["context"]
        recipe = "images/package" if context.startswith("build/package/") else context
        assert (ROOT / recipe / "Dockerfile").is_file()
