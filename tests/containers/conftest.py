"""The five containers, built and started once for all tests."""

import pytest

from headshots.engine.recipes import built_in_looks
from tests.support.containers.building import built_project
from tests.support.people import selfie
from tests.support.servers.api_visitor import ApiVisitor


@pytest.fixture(scope="session")
def project():
    """The image, built, and its containers, not started."""
    with built_project() as project:
        yield project


@pytest.fixture(scope="session")
def seconds_until_ready(project):
    """How long the first start takes, from `up` until Facet says that it is ready."""
    return project.start()


@pytest.fixture(scope="session")
def alice(project, seconds_until_ready):  # noqa: ARG001  started
    """Alice, who is signed in and has a photo."""
    visitor = ApiVisitor(project.site)
    assert visitor.sign_up().ok
    visitor.photo = visitor.add_photo(selfie())
    visitor.looks = list(built_in_looks())
    return visitor
