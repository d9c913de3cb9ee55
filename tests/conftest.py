"""Fixtures every package's tests may ask for; each photo is prepared once a process."""

from pathlib import Path

import pytest
from django.contrib.auth.management import create_permissions
from django.contrib.contenttypes.management import create_contenttypes
from django.db.models.signals import post_migrate

from headshots.engine import recipes
from headshots.engine.render import PreparedPhoto, Renderer
from headshots.engine.types import Pixels
from tests.support import portraits
from tests.support.platforms.nextcloud import FakeNextcloud
from tests.support.platforms.scripted_server import ScriptedServer


def pytest_make_parametrize_id(val):
    return val.name if isinstance(val, portraits.Portrait) else None


SLOW_FOLDERS = ("browser", "faults", "servers")  # folders whose files take minutes
DIFFUSION = Path(__file__).parent / "diffusion"  # all of its tests are slow


def pytest_ignore_collect(collection_path, config):
    """Spare a run without slow tests the seconds that importing torch takes."""
    return True if collection_path == DIFFUSION and config.option.markexpr == "not slow" else None


def pytest_collection_modifyitems(items):
    """Mark tests of further portraits and of diffusion as slow, and start long files first.

    Otherwise one process would work on a long file at the end while the others are idle.
    """
    items.sort(key=lambda item: item.path.parent.name not in SLOW_FOLDERS)
    for item in items:
        params = getattr(item, "callspec", None)
        more = params and any(_is_extra_portrait(value) for value in params.params.values())
        if more or item.path.parent == DIFFUSION:
            item.add_marker(pytest.mark.slow)


def _is_extra_portrait(value) -> bool:
    candidates = value if isinstance(value, tuple) else (value,)
    return any(
        isinstance(candidate, portraits.Portrait) and candidate != portraits.ASTRONAUT
        for candidate in candidates
    )


@pytest.fixture(scope="session", autouse=True)
def _unused_tables_stay_empty():
    """Leave out permissions and content types, which Facet does not use.

    Django would write them again after each test that empties the tables, in half of its time.
    """
    post_migrate.disconnect(
        create_permissions, dispatch_uid="django.contrib.auth.management.create_permissions"
    )
    post_migrate.disconnect(create_contenttypes)


@pytest.fixture
def script():
    """A server on loopback that answers as it is told."""
    server = ScriptedServer()
    yield server
    server.close()


@pytest.fixture
def cloud():
    """A small Nextcloud."""
    server = FakeNextcloud()
    yield server
    server.close()


@pytest.fixture(scope="session")
def astronaut() -> Pixels:
    return portraits.astronaut()


@pytest.fixture(scope="session")
def cat() -> Pixels:
    return portraits.cat()


@pytest.fixture(scope="session")
def studio() -> Renderer:
    """The astronaut at a size that is quick to render."""
    return portraits.ASTRONAUT.renderer(256)


@pytest.fixture(scope="session")
def source(studio) -> PreparedPhoto:
    return studio.prepare_photo(0)


@pytest.fixture(scope="session", params=portraits.PORTRAITS)
def portrait(request) -> portraits.Portrait:
    return request.param


@pytest.fixture(scope="session")
def looks() -> dict[str, recipes.Recipe]:
    return recipes.built_in_looks()
