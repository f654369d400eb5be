"""Each example is deployed once under mocks, and every test looks at that recording."""

from collections.abc import Callable
from functools import cache

import pytest

from cyclos_package import Flavour
from tests.support.stacks import EXAMPLES, Deployed, deployed, example, small_release, stack_of


@pytest.fixture(scope="session")
def example_of(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Deployed]:
    """Deploy an example by name, once."""
    return cache(lambda name: example(name, tmp_path_factory.mktemp(name)))


@pytest.fixture(scope="session", params=EXAMPLES)
def each(request: pytest.FixtureRequest, example_of: Callable[[str], Deployed]) -> Deployed:
    """One example after the other."""
    return example_of(request.param)


@pytest.fixture(scope="session")
def default(example_of: Callable[[str], Deployed]) -> Deployed:
    """Nothing set: one primary, one replica, two Tomcats, protected data, the demo package."""
    return example_of("default")


@pytest.fixture(scope="session")
def minimal(example_of: Callable[[str], Deployed]) -> Deployed:
    """Disposable and small."""
    return example_of("minimal")


@pytest.fixture(scope="session")
def production(example_of: Callable[[str], Deployed]) -> Deployed:
    """Three etcd members, two replicas, three Tomcats, a release of Cyclos."""
    return example_of("production")


@pytest.fixture(scope="session")
def old_release(tmp_path_factory: pytest.TempPathFactory) -> Deployed:
    """The smallest stack with a release of Cyclos 4.0, whose connection pool is another one."""
    release = small_release(tmp_path_factory.mktemp("old"), Flavour.C3P0)
    return deployed(stack_of({"package": "releases/cyclos-4.0.zip"}, release))
