"""One browser, and one Facet with two accounts, for every test in a browser."""

import pytest

from tests.browser.album import Album
from tests.browser.chromium import chromium


@pytest.fixture(scope="package")
def browser():
    with chromium() as chromium_browser:
        yield chromium_browser


@pytest.fixture(scope="package")
def album(tmp_path_factory):
    new_album = Album(tmp_path_factory.mktemp("album"))
    yield new_album
    new_album.facet.kill()
