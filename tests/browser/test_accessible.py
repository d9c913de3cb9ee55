"""axe-core finds nothing on any page: light and dark, phone and desktop, with and without content.

A page that is added later is found by walking the resolver.
"""

import pytest
from axe_playwright_python.sync_playwright import Axe

from tests.browser.album import WHO
from tests.browser.chromium import LIGHTS, SIZES

pytestmark = pytest.mark.slow
COLOURS = {"runOnly": ["color-contrast", "link-in-text-block"]}  # what another light can change
# Colours change at once with the light, so that none is measured half-way.
AT_ONCE = """
const sheet = new CSSStyleSheet()
sheet.replaceSync("*, ::before, ::after { transition: none !important }")
document.adoptedStyleSheets.push(sheet)
"""
AXE = Axe().axe_script
RUN = "options => axe.run(options).then(found => found.violations)"


def seen(page, album_page):
    """What axe finds on one page, by the light in which it was found."""
    for light in LIGHTS:
        page.emulate_media(color_scheme=light, reduced_motion="reduce")
        if light == LIGHTS[0]:
            page.goto(album_page.url)
            page.evaluate(AXE)
        options = {"resultTypes": ["violations"]} | (COLOURS if light == LIGHTS[1] else {})
        for wrong in page.evaluate(RUN, options):
            where = [node["html"][:160] for node in wrong["nodes"][:3]]
            yield f"{album_page} {light}: {wrong['id']} ({wrong['help']}) {where}"


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("who", WHO)
def test_axe_finds_nothing_on_any_page(album, browser, who, size):
    context = album.visitor(browser, who, **SIZES[size])
    context.add_init_script(AT_ONCE)
    page, violations, count = context.new_page(), [], 0
    for album_page in album.pages(context, who):
        violations += seen(page, album_page)
        count += 1
    context.close()
    assert count >= 10
    assert not violations, "\n".join(violations)
