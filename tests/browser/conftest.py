"""One browser, and one Facet with two accounts, for every test in a browser."""

import pytest

from tests.browser.album import Album
from tests.browser.chromium import chromium


@pytest.fixture(scope="package")
def browser():
    with chromium() as found:
        yield found


@pytest.fixture(scope="package")
def album(tmp_path_factory):
    made = Album(tmp_path_factory.mktemp("album"))
    yield made
    made.facet.kill()
