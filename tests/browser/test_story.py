"""The whole story in a real browser: sign up, add a selfie, watch, adjust, choose, download.

Facet runs as `make run` starts it: page, worker and clock, over a folder of its own.
"""

import re
from urllib.parse import urlencode

import pillow_heif
import pytest
from PIL import Image
from playwright.sync_api import Locator, expect

from headshots.services.photos import SAMPLE
from tests.browser.chromium import LIGHTS, SIZES
from tests.support.installation import RunningFacet
from tests.support.people import PASSWORD

pytestmark = pytest.mark.slow
SHEET = re.compile(r"/sheets/[0-9a-f-]{36}/")
DROP = """bytes => {
  const dropped = new DataTransfer();
  dropped.items.add(new File([new Uint8Array(bytes)], "me.jpg", {type: "image/jpeg"}));
  dispatchEvent(new DragEvent("drop", {dataTransfer: dropped}));
}"""
WAIT = 40_000  # ms: a busy machine is slow, not wrong
expect.set_options(timeout=WAIT)
# Chromium's own remark when it shows a page before the fade from the last one is ready, and leaves
# the fade out: nothing of the page is wrong, and no script of ours is in it.
UNFADED = "Transition was aborted because of invalid state. Page already revealed"


@pytest.fixture(scope="module")
def facet(tmp_path_factory):
    running = RunningFacet(tmp_path_factory.mktemp("story"))
    assert running.address
    yield running
    running.kill()


@pytest.fixture
def visit(facet, browser):
    """A new visitor's page, which must not break or complain."""
    opened = []

    def visiting(**options):
        context = browser.new_context(base_url=facet.address, **options)
        context.set_default_timeout(WAIT)
        page = context.new_page()
        page.wrong = []
        page.on("pageerror", lambda error: page.wrong.append(str(error)))
        page.on("console", lambda said: said.type == "error" and page.wrong.append(said.text))
        opened.append((context, page))
        return page

    yield visiting
    for context, page in opened:
        context.close()
        assert [wrong for wrong in page.wrong if UNFADED not in wrong] == []


def sign_up(page, email, *, click=Locator.click):
    page.goto("/")
    click(page.get_by_role("link", name="Make my headshots").first)
    page.get_by_label("Email").fill(email)
    page.get_by_label("Password").fill(PASSWORD)
    click(page.get_by_role("button", name="Sign up"))
    expect(page.get_by_role("heading", level=1)).to_contain_text("Upload photos")


def finished(page):
    expect(page.locator(".tile .finished")).to_have_count(10)
    expect(page.locator("#progress")).to_contain_text("10 headshots ready")


def picture(answer):
    """What a download holds."""
    with Image.open(answer.path()) as image:
        return image.format, image.size


@pytest.mark.parametrize("light", LIGHTS)
@pytest.mark.parametrize("size", SIZES)
def test_from_signing_up_to_the_file(visit, size, light):
    page = visit(**SIZES[size], color_scheme=light, accept_downloads=True)
    sign_up(page, f"{size}-{light}@example.com")
    page.locator("#photos-field").set_input_files(SAMPLE)
    page.wait_for_url(SHEET, wait_until="commit")
    finished(page)
    page.locator("[data-tile]").nth(2).click()
    look = page.locator(".headshot")
    expect(look.get_by_role("heading").first).to_contain_text("Approachable")
    if size == "desktop":
        page.get_by_role("link", name="Edit", exact=True).click()

    print_ = look.locator("[data-finished-picture]")
    picture_address = re.compile(re.escape(print_.get_attribute("src")) + "$")
    look.locator("input[name=smile]").fill("0.6")
    expect(print_).to_have_attribute("src", re.compile("^blob:"))
    page.get_by_role("button", name="Undo").click()
    expect(look.locator("input[name=smile]")).not_to_have_value("0.6")
    page.get_by_role("button", name="Redo").click()
    expect(look.locator("input[name=smile]")).to_have_value("0.6")
    page.get_by_role("button", name="Reset").click()
    expect(print_).to_have_attribute("src", picture_address)
    look.locator("input[name=smile]").fill("0.6")
    page.get_by_role("button", name="Save as new version").click()
    expect(page.locator("#notes")).to_contain_text("Saved as version A")
    expect(look.locator("[data-finished-picture]")).to_be_visible()

    page.get_by_role("link", name="Use for…").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("searchbox").fill("git")
    expect(dialog.get_by_role("checkbox", name="LinkedIn")).to_have_count(0)
    dialog.get_by_role("checkbox", name="GitHub").check()
    dialog.get_by_role("button", name="Save").click()
    expect(page.locator("#notes")).to_contain_text("Set for GitHub")
    expect(page.locator(".facts")).to_contain_text("GitHub")
    with page.expect_download() as download:
        page.locator("#notes").get_by_role("link", name="Download").click()
    assert picture(download.value) == ("PNG", (500, 500))
    look.get_by_text("Download", exact=True).first.click()
    with page.expect_download() as download:
        look.get_by_role("link", name="GitHub").click()
    assert picture(download.value)[0] == "PNG"

    page.get_by_role("link", name="Continue to my profiles").click()
    expect(page.locator(".profile-card").first).to_contain_text("GitHub")
    expect(page.locator(".profile-card").first).to_contain_text("upload it yourself")


@pytest.mark.parametrize("scripted", [True, False], ids=["scripts", "plain"])
def test_headshots_are_tried_without_an_account_and_kept(visit, scripted):
    page = visit(**SIZES["phone"], java_script_enabled=scripted)
    page.goto("/")
    page.locator("#trial-photo").set_input_files(SAMPLE)
    if not scripted:
        page.get_by_role("button", name="Make three headshots").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Your headshots are ready")
    expect(page.locator(".tile .finished")).to_have_count(3)
    page.get_by_role("link", name="Keep them: sign up").click()
    page.get_by_label("Email").fill(f"tried-{scripted}@example.com")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign up").click()
    expect(page.locator(".contact-sheet .tile .finished").first).to_be_visible()
    expect(page.locator("#progress")).to_contain_text("3 headshots ready")


def test_dropped_photo_is_tried(visit):
    page = visit(**SIZES["desktop"])
    page.goto("/")
    page.evaluate(DROP, list(SAMPLE.read_bytes()))
    expect(page.get_by_role("heading", level=1)).to_have_text("Your headshots are ready")


# What the page would show and ask, noted instead; the window is hidden when the test says so.
NOTED = """
window.noted = [];
Object.defineProperty(document, "hidden", {get: () => Boolean(window.isAway)});
Object.defineProperty(Notification, "permission", {get: () => window.permission ?? "default"});
Notification.requestPermission = async () => {
  noted.push("asked");
  return window.permission = "granted";
};
ServiceWorkerRegistration.prototype.showNotification = async (text) => { noted.push(text); };
"""
BACK = "window.isAway = false; document.dispatchEvent(new Event('visibilitychange'))"


def test_notification_is_asked_for_by_a_button_and_comes_when_the_sheet_is_ready(visit):
    page = visit(**SIZES["desktop"])
    page.add_init_script(NOTED)
    sign_up(page, "away@example.com")
    page.locator("#photos-field").set_input_files(SAMPLE)
    page.wait_for_url(SHEET, wait_until="commit")
    page.evaluate("navigator.serviceWorker.ready.then(() => true)")
    assert page.evaluate("noted") == [], "nobody is asked without a tap"
    page.get_by_role("button", name="Tell me when they are ready").click()
    page.evaluate("window.isAway = true")
    expect(page).to_have_title("✓ Your headshots are ready")
    page.wait_for_function("noted.length === 2")
    assert page.evaluate("noted") == ["asked", "Your headshots are ready"]
    page.evaluate(BACK)
    expect(page).to_have_title(re.compile("^Your headshots · Facet"))
    expect(page.locator("[data-notify]")).to_have_count(0)


class Finger:
    """Clicks what lies in the window, without scrolling, and counts."""

    def __init__(self, page):
        self.page, self.clicks = page, 0

    def click(self, target):
        expect(target).to_be_visible()
        box, window = target.bounding_box(), self.page.viewport_size
        x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
        assert 0 < x < window["width"] and 0 < y < window["height"], f"{target} needs scrolling"
        self.page.mouse.click(x, y)
        self.clicks += 1


def test_few_clicks_lead_to_a_headshot_to_the_file_and_to_a_schedule(visit):
    page = visit(viewport={"width": 1280, "height": 720}, accept_downloads=True)
    page.emulate_media(reduced_motion="reduce")
    finger = Finger(page)
    sign_up(page, "clicks@example.com", click=finger.click)
    with page.expect_file_chooser() as chooser:
        finger.click(page.locator("label[for=photos-field]:visible").first)
    chooser.value.set_files(SAMPLE)
    page.wait_for_url(SHEET, wait_until="commit")
    expect(page.locator(".tile .finished").first).to_be_visible()
    assert finger.clicks <= 4
    finished(page)
    page.reload()
    finger, headshot = Finger(page), page.locator(".headshot")
    finger.click(headshot.get_by_text("Download", exact=True).first)
    with page.expect_download() as download:
        finger.click(headshot.get_by_role("link", name="LinkedIn").first)
    assert download.value.suggested_filename.endswith("linkedin-800.jpg")
    assert finger.clicks <= 4

    page.keyboard.press("Escape")
    page.get_by_role("link", name="Use for…").click()
    page.get_by_role("dialog").get_by_role("checkbox", name="LinkedIn").check()
    page.get_by_role("dialog").get_by_role("button", name="Save").click()
    expect(page.locator("#notes")).to_contain_text("Set for LinkedIn")
    finger = Finger(page)
    finger.click(page.get_by_role("link", name="Schedule").first)
    finger.click(page.get_by_role("link", name="New schedule"))
    finger.click(page.get_by_role("link", name="Every month"))
    expect(page.locator("#next-runs time").first).to_be_visible()
    finger.click(page.get_by_role("button", name="Save"))
    expect(page.locator("#notes")).to_contain_text("Schedule on")
    assert finger.clicks <= 6


def test_photo_picked_before_the_page_listens_is_taken(visit):
    held = []

    def hold(route):
        held.append(route)

    page = visit(**SIZES["phone"])
    page.route("**/upload*.js", hold)
    sign_up(page, "quick@example.com")
    page.locator("#photos-field").set_input_files(SAMPLE)
    held[0].continue_()
    page.wait_for_url(SHEET, wait_until="commit")


def test_story_without_javascript(visit):
    page = visit(java_script_enabled=False, accept_downloads=True)
    sign_up(page, "plain@example.com")
    page.locator("#photos-field").set_input_files(SAMPLE)
    page.get_by_role("button", name="Upload these photos").click()
    finished(page)
    page.locator("[data-tile]").first.click()
    page.get_by_label("Smile", exact=True).fill("0.6")
    page.get_by_role("button", name="Save as new version").click()
    expect(page.locator("#notes")).to_contain_text("Saved as version A")
    expect(page.locator("[data-finished-picture]")).to_be_visible()
    page.get_by_role("link", name="Use for…").click()
    page.get_by_role("checkbox", name="Slack").check()
    page.get_by_role("button", name="Save").click()
    expect(page.locator(".facts").first).to_contain_text("Slack")
    with page.expect_download() as download:
        page.locator("#notes").get_by_role("link", name="Download").click()
    assert picture(download.value) == ("JPEG", (512, 512)), "never enlarged"


def test_sheet_is_worked_through_by_keyboard(visit):
    page = visit(**SIZES["desktop"])
    sign_up(page, "keys@example.com")
    page.get_by_role("button", name="Try it with her portrait").press("Enter")
    finished(page)
    title = page.locator("#headshot-title")
    page.locator("[data-tile]").first.focus()
    page.keyboard.press("ArrowRight")
    expect(title).to_have_text("Company bio")
    page.keyboard.press("k")
    expect(page.locator(".tile").nth(1).locator(".pencil-ring")).to_be_visible()
    page.locator("[data-tile]").nth(1).focus()
    page.keyboard.press("ArrowDown")
    expect(title).to_have_text("Founder")
    page.keyboard.press("x")
    expect(page.locator(".tile").nth(5)).to_have_class(re.compile("is-discarded"))
    expect(page.locator(".htmx-request")).to_have_count(0)  # a key pressed meanwhile would be lost
    page.keyboard.press("c")
    expect(page.get_by_role("heading", level=1)).to_have_text("Compare")


def test_camera_says_what_to_change(visit):
    """Chromium's own camera shows a test picture: there is no face in it."""
    page = visit(**SIZES["phone"], permissions=["camera"])
    sign_up(page, "camera@example.com")
    page.goto("/photos/")
    page.get_by_role("button", name="Use the camera").click()
    advice = page.locator("[data-advice]")
    expect(advice).to_contain_text("face is turned to the camera")
    page.get_by_role("button", name="Take the photo in three seconds").click()
    expect(page.locator("[data-camera]")).not_to_be_visible()
    expect(page.locator(".photo-card .errors")).to_contain_text("No face was found")


def test_each_of_several_files_is_taken_or_refused_by_name(visit, tmp_path):
    page = visit(**SIZES["desktop"])
    sign_up(page, "several@example.com")
    page.goto("/photos/")
    heic, letter = tmp_path / "IMG_0001.HEIC", tmp_path / "letter.jpg"
    pillow_heif.from_pillow(Image.open(SAMPLE)).save(heic, quality=90)
    letter.write_text("Dear Alice")
    page.locator("#photos-field").set_input_files([heic, letter])
    expect(page.locator("#photos > .errors")).to_contain_text("letter.jpg")
    expect(page.locator(".photo-card")).to_have_count(1)
    expect(page.locator("#photos > .errors")).to_contain_text("letter.jpg")
    expect(page.locator(".photo-card")).to_contain_text("Ready")


def test_application_is_registered_asks_and_is_led_back(visit):
    """With a real policy at work: it stops every form that would lead to another site."""
    page, back = visit(), "https://diary.example/back"
    sign_up(page, "maker@example.com")
    page.goto("/account/applications/")
    page.get_by_label("Name").fill("Diary")
    page.get_by_label("Website").fill("https://diary.example")
    page.get_by_label("Redirect addresses").fill(back)
    page.get_by_role("button", name="Register", exact=True).click()
    credentials = page.get_by_role("region", name="Diary is registered").locator("code")
    parameters = {
        "client_id": credentials.first.inner_text(),
        "redirect_uri": back,
        "response_type": "code",
        "code_challenge": "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM",
        "code_challenge_method": "S256",
    }
    page.route(f"{back}?*", lambda route: route.fulfill(body="You are back."))
    for button, word in (("Allow", "code"), ("Cancel", "error")):
        page.goto(f"/o/authorize/?{urlencode(parameters)}")
        page.get_by_role("button", name=button, exact=True).click()
        page.wait_for_url(f"{back}?{word}=*")
    expect(page.locator("body")).to_have_text("You are back.")
