"""Every page is accessible and shows its primary action at once, on a phone and a small laptop.

axe-core looks at each page with and without content, in light and dark. A page that is added later
is found by walking the resolver.
"""

import pytest
from axe_playwright_python.sync_playwright import Axe

from tests.browser.album import WHO
from tests.browser.chromium import LIGHTS, PHONE

pytestmark = pytest.mark.slow
WINDOWS = {"laptop": {"viewport": {"width": 1280, "height": 720}}, "phone": PHONE}
COLOUR_RULES = {"runOnly": ["color-contrast", "link-in-text-block"]}  # what dark can change
# Colours change at once with the light, so that none is measured half-way.
WITHOUT_TRANSITIONS = """
const sheet = new CSSStyleSheet()
sheet.replaceSync("*, ::before, ::after { transition: none !important }")
document.adoptedStyleSheets.push(sheet)
"""
AXE = Axe().axe_script
RUN_AXE = "options => axe.run(options).then(report => report.violations)"
# The first primary action that is shown: where it is, and whether it is what a finger would touch.
FIND_PRIMARY_ACTION = """() => {
  const actions = [...document.querySelectorAll("main .primary")];
  const action = actions.find((candidate) => candidate.checkVisibility());
  if (!action) return null;
  const box = action.getBoundingClientRect();
  const hit = document.elementFromPoint(box.x + box.width / 2, box.y + box.height / 2);
  return {
    words: action.textContent.trim(),
    top: box.top, bottom: box.bottom, right: box.right,
    width: innerWidth, height: innerHeight,
    touched: Boolean(hit && (hit === action || action.contains(hit))),
  };
}"""
IS_TOO_WIDE = "document.documentElement.scrollWidth > innerWidth + 1"


def layout_problems(page, action):
    """Yield what is wrong with the place of the primary action and the width of an open page."""
    if action and is_outside(action):
        yield f"primary action outside of the window: {action}"
    if page.evaluate(IS_TOO_WIDE):
        yield "wider than the window"


def is_outside(action):
    """Whether an action lies outside of the window, or something covers it."""
    fits = action["top"] >= 0 and action["bottom"] <= action["height"]
    return not fits or action["right"] > action["width"] or not action["touched"]


def axe_violations(page):
    """Yield what axe finds on an open page: every rule in light, those about colours in dark."""
    page.evaluate(AXE)
    for light, rules in zip(LIGHTS, ({}, COLOUR_RULES), strict=True):
        page.emulate_media(color_scheme=light, reduced_motion="reduce")
        for violation in page.evaluate(RUN_AXE, {"resultTypes": ["violations"]} | rules):
            elements = [node["html"][:160] for node in violation["nodes"][:3]]
            yield f"{light}: {violation['id']} ({violation['help']}) {elements}"


@pytest.mark.parametrize("window", WINDOWS)
@pytest.mark.parametrize("who", WHO)
def test_every_page_is_accessible_and_shows_its_primary_action(album, browser, who, window):
    context = album.visitor(browser, who, **WINDOWS[window])
    context.add_init_script(WITHOUT_TRANSITIONS)
    page, problems, page_count, action_count = context.new_page(), [], 0, 0
    for album_page in album.pages(context, who):
        page.emulate_media(color_scheme=LIGHTS[0], reduced_motion="reduce")
        page.goto(album_page.url)
        action = page.evaluate(FIND_PRIMARY_ACTION)
        for problem in (*layout_problems(page, action), *axe_violations(page)):
            problems.append(f"{album_page} {problem}")
        page_count += 1
        action_count += action is not None
    context.close()
    assert page_count >= 10 and action_count >= 5
    assert not problems, "\n".join(problems)


@pytest.mark.parametrize("window", WINDOWS)
@pytest.mark.parametrize("name", ["web:variant", "web:profiles"])
def test_menus_open_inside_the_window(album, browser, name, window):
    context = album.visitor(browser, "filled", **WINDOWS[window])
    page = context.new_page()
    page.emulate_media(reduced_motion="reduce")
    page.goto(album.told["filled"]["urls"][name][0])
    menus = page.locator("main details[data-menu] > summary:visible")
    assert menus.count() >= 1
    for index in range(menus.count()):
        menus.nth(index).scroll_into_view_if_needed()
        menus.nth(index).click()
        opened = page.locator("main details[data-menu][open]:is(.opens-up, .opens-down)")
        box = opened.locator("> .menu-panel").bounding_box()
        size = page.viewport_size
        assert box["x"] >= 0 and box["x"] + box["width"] <= size["width"], box
        assert box["y"] >= 0 and box["y"] + box["height"] <= size["height"], box
        page.keyboard.press("Escape")
    context.close()
