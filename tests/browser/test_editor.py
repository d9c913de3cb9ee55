"""The script of the editor, with a page of its own and answers that a test gives."""

import re

import pytest
from playwright.sync_api import expect

from tests.support import portraits
from tests.support.installation import ROOT
from tests.support.people import jpeg

pytestmark = pytest.mark.slow
SCRIPT = ROOT / "branding" / "web" / "static" / "web" / "js" / "adjust.js"
REFUSAL = {"code": "clothes", "message": "Your own clothes stay:", "advice": "Another photo."}
EDITOR = """
<div data-headshot>
  <div data-large-picture><img data-finished-picture></div>
  <form data-adjust data-preview="/preview.jpg">
    <label><input type="radio" name="garment" value="" checked>Own</label>
    <label><input type="radio" name="garment" value="blazer">Blazer</label>
    <label><input type="radio" name="garment" value="roll-neck">Roll neck</label>
    <input type="range" name="smile" step="1" value="30">
    <p data-error></p>
    <button type="button" data-undo></button><button type="button" data-redo></button>
  </form>
</div>
<script type="module" src="/adjust.js"></script>
"""


def answer(route):
    """Answer as Facet does where the roll neck does not go with the photo."""
    url = route.request.url
    if url.endswith("adjust.js"):
        route.fulfill(path=SCRIPT)
    elif "garment=roll-neck" in url:
        route.fulfill(status=400, json=REFUSAL)
    elif "preview.jpg" in url:
        route.fulfill(body=jpeg(portraits.cat()), content_type="image/jpeg")
    else:
        route.fulfill(body=EDITOR, content_type="text/html")


def test_refused_clothes_leave_the_photo_s_own_in_the_picture(browser):
    page = browser.new_page()
    page.route("**/*", answer)
    page.goto("http://facet.example/")
    image, error = page.locator("img"), page.locator("[data-error]")
    page.get_by_label("Blazer").check()
    expect(image).to_have_attribute("src", re.compile("^blob:"))
    blazer = image.get_attribute("src")
    with page.expect_response(lambda response: "garment=&smile=30" in response.url):
        page.get_by_label("Roll neck").check()
    expect(error).to_have_text("Your own clothes stay: Another photo.")
    expect(image).not_to_have_attribute("src", blazer)
    page.get_by_label("Blazer").check()
    expect(error).to_be_empty()
    page.close()
