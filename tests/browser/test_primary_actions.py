"""The primary action of every page is in the window at once, on a phone and on a small laptop."""

import pytest

from tests.browser.album import WHO
from tests.browser.chromium import PHONE

pytestmark = pytest.mark.slow
LAPTOP = {"viewport": {"width": 1280, "height": 720}}
WINDOWS = {"laptop": LAPTOP, "phone": PHONE}
# The first primary action that is shown: where it is, and whether it is what a finger would touch.
FIND = """() => {
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
WIDE = "document.documentElement.scrollWidth > innerWidth + 1"


def outside(action):
    """Whether an action lies outside of the window, or something covers it."""
    fits = action["top"] >= 0 and action["bottom"] <= action["height"]
    return not fits or action["right"] > action["width"] or not action["touched"]


@pytest.mark.parametrize("window", WINDOWS)
@pytest.mark.parametrize("who", WHO)
def test_primary_action_is_in_the_window(album, browser, who, window):
    context = album.visitor(browser, who, **WINDOWS[window])
    page, wrong, count = context.new_page(), [], 0
    page.emulate_media(reduced_motion="reduce")
    for album_page in album.pages(context, who):
        page.goto(album_page.url)
        action = page.evaluate(FIND)
        count += action is not None
        if action and outside(action):
            wrong.append(f"{album_page}: {action}")
        if page.evaluate(WIDE):
            wrong.append(f"{album_page}: wider than the window")
    context.close()
    assert count >= 5
    assert not wrong, "\n".join(wrong)


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
