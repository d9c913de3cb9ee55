"""axe-core finds nothing on any page: light and dark, phone and desktop, with and without content.

A page that is added later is found by walking the resolver.
"""

import pytest
from axe_playwright_python.sync_playwright import Axe

from tests.browser.album import WHO
from tests.browser.chromium import LIGHTS, SIZES

pytestmark = pytest.mark.slow
COLOURS = {"runOnly": ["color-contrast", "link-in-text-block"]}  # what another light can change
# Colours fade over when the light changes: they are brought to their end, and new ones to theirs.
SETTLED = """() => {
  const fading = document.getAnimations().filter(
    one => one.playState !== "finished" && isFinite(one.effect.getComputedTiming().endTime))
  fading.forEach(one => one.finish())
  return fading.length === 0
}"""


def seen(page, one):
    """What axe finds on one page, by the light in which it was found."""
    for light in LIGHTS:
        page.emulate_media(color_scheme=light, reduced_motion="reduce")
        if light == LIGHTS[0]:
            page.goto(one.url)
        else:
            page.wait_for_function(SETTLED)
        options = {"resultTypes": ["violations"]} | (COLOURS if light == LIGHTS[1] else {})
        for wrong in Axe().run(page, options=options).response["violations"]:
            where = [node["html"][:160] for node in wrong["nodes"][:3]]
            yield f"{one} {light}: {wrong['id']} ({wrong['help']}) {where}"


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("who", WHO)
def test_axe_finds_nothing_on_any_page(album, browser, who, size):
    context = album.visitor(browser, who, **SIZES[size])
    page, found, count = context.new_page(), [], 0
    for one in album.pages(context, who):
        found += seen(page, one)
        count += 1
    context.close()
    assert count >= 10
    assert not found, "\n".join(found)
