"""Fixtures every package's tests may ask for; each photo is prepared once a process."""

from pathlib import Path

import pytest

from headshots.engine import recipes
from headshots.engine.render import Source, Studio
from headshots.engine.types import Pixels
from tests.support import portraits
from tests.support.nextcloud import Cloud
from tests.support.scripted_server import Script


def pytest_make_parametrize_id(val):
    return val.name if isinstance(val, portraits.Portrait) else None


LONG = ("browser", "faults", "servers")  # folders whose files take minutes


def pytest_collection_modifyitems(items):
    """Mark tests of further portraits and of diffusion as slow, and start long files first.

    Otherwise one process would work on a long file at the end while the others are idle.
    """
    items.sort(key=lambda item: item.path.parent.name not in LONG)
    for item in items:
        params = getattr(item, "callspec", None)
        more = params and any(_extra(value) for value in params.params.values())
        if more or item.path.parent == Path(__file__).parent / "diffusion":
            item.add_marker(pytest.mark.slow)


def _extra(value) -> bool:
    faces = value if isinstance(value, tuple) else (value,)
    return any(isinstance(one, portraits.Portrait) and one != portraits.ASTRONAUT for one in faces)


@pytest.fixture
def script():
    """A server on loopback that answers as it is told."""
    server = Script()
    yield server
    server.close()


@pytest.fixture
def cloud():
    """A small Nextcloud."""
    server = Cloud()
    yield server
    server.close()


@pytest.fixture(scope="session")
def astronaut() -> Pixels:
    return portraits.astronaut()


@pytest.fixture(scope="session")
def cat() -> Pixels:
    return portraits.cat()


@pytest.fixture(scope="session")
def studio() -> Studio:
    """The astronaut at a size that is quick to render."""
    return portraits.ASTRONAUT.studio(256)


@pytest.fixture(scope="session")
def source(studio) -> Source:
    return studio.source(0)


@pytest.fixture(scope="session", params=portraits.PORTRAITS)
def portrait(request) -> portraits.Portrait:
    return request.param


@pytest.fixture(scope="session")
def looks() -> dict[str, recipes.Recipe]:
    return recipes.looks()
