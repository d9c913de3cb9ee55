"""How long a person waits, in a real browser: `python -m benchmarks.pages`.

Facet runs as `make run` starts it, over a folder of its own. The photo has twelve megapixels.
"""

import os
import re
import statistics
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager
from http.client import HTTPConnection
from pathlib import Path

from PIL import Image

from tests.browser.chromium import chromium
from tests.support.installation import ROOT, RunningFacet

SAMPLE = ROOT / "headshots" / "samples" / "eileen-collins.jpg"
PASSWORD = "a long pass phrase"
SIZE = (4000, 3000)
PEOPLE = 7  # who add a photo one after the other
VISITS = 40  # of each page
WARM_UP_SECONDS = 10  # until the worker has loaded its networks
SHEETS = 20  # of ten headshots, in the account whose pages are measured
SETUP_SCRIPT = f"""
from django.contrib.auth import get_user_model
from headshots.models import Variant
from integrations.places import all_places
from integrations.publishing import choices
from tests.support.people import browser, photo_of, sheet_of
owner = get_user_model().objects.create_user("owner@example.com")
photo = photo_of(owner)
for _ in range({SHEETS}):
    sheet = sheet_of(owner, photo, count=10)
choices.choose(sheet.variants.first(), list(all_places()))
print(browser(owner).cookies["sessionid"].value, sheet.pk, sheet.variants.first().pk, photo.pk)
"""
PAGES = (
    "/sheets/",
    "/make/",
    "/photos/",
    "/profiles/",
    "/kit/",
    "/refresh/",
    "/history/",
    "/compare/",
    "/account/",
    "/sheets/{sheet}/",
    "/headshots/{variant}/",
    "/photos/{photo}/",
    "/sheets/{sheet}/progress/",
)
COUNT_VISIBLE_SCRIPT = "() => document.querySelectorAll('.frame .print').length"


def main():
    with tempfile.TemporaryDirectory() as data, running_facet(Path(data)) as running:
        assert running.address
        time.sleep(WARM_UP_SECONDS)
        print(f"load before: {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores")
        with chromium() as browser:
            measure_headshots(browser, running.address, Path(data) / "selfie.jpg")
        measure_pages(running)
        print(f"load after: {os.getloadavg()[0]:.1f}")


@contextmanager
def running_facet(data):
    """A running Facet, until the end."""
    running = RunningFacet(data)
    try:
        yield running
    finally:
        running.kill()


def measure_headshots(browser, address, photo):
    """From choosing a photo to the headshots, and from a slider to its preview."""
    with Image.open(SAMPLE) as portrait:
        portrait.resize(SIZE, box=(0, 0, 512, 384)).save(photo, quality=92)
    waits = {1: [], 10: []}
    for index in range(PEOPLE):
        page = sign_up_page(browser, address, f"bench{index}@example.com")
        chosen_at = time.monotonic()  # the upload itself takes milliseconds on loopback
        page.locator("#photos-field").set_input_files(photo)
        page.wait_for_url(re.compile("/sheets/.{36}/"))
        for count, seconds in waits.items():
            while page.evaluate(COUNT_VISIBLE_SCRIPT) < count:
                time.sleep(0.01)
            seconds.append(time.monotonic() - chosen_at)
    for count, seconds in waits.items():
        print(
            f"headshots to be seen, {count:2}: {statistics.median(seconds):5.2f} s after the "
            f"photo was chosen, {min(seconds):.2f} to {max(seconds):.2f} s"
        )
    measure_previews(page)


def sign_up_page(browser, address, email):
    """A new person's page, at the place for the first photo."""
    page = browser.new_context(base_url=address).new_page()
    page.goto("/accounts/signup/")
    page.get_by_label("Email").fill(email)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign up").click()
    page.wait_for_url("**/sheets/")
    return page


def measure_previews(page):
    """From the last movement of a slider to the picture, the pause before asking included."""
    preview_image, waits = page.locator("[data-finished-picture]"), []
    for smile in (0.1, 0.3, 0.5, 0.7, 0.2, 0.4, 0.6):
        before, moved_at = preview_image.get_attribute("src"), time.monotonic()
        page.locator("input[name=smile]").fill(str(smile))
        while preview_image.get_attribute("src") == before:
            time.sleep(0.01)
        waits.append(time.monotonic() - moved_at)
    print(f"preview: {statistics.median(waits):.2f} s, at most {max(waits):.2f} s")


def measure_pages(running):
    """The time a page takes, with two hundred headshots in the account."""
    command = [sys.executable, "manage.py", "shell", "--no-imports", "-c", SETUP_SCRIPT]
    result = subprocess.run(
        command, cwd=ROOT, env=running.environment, check=True, capture_output=True, text=True
    )
    session, sheet, variant, photo = result.stdout.split()
    for path in PAGES:
        url = path.format(sheet=sheet, variant=variant, photo=photo)
        times = sorted(measure_visit(running, url, session) for _ in range(VISITS))
        print(
            f"{path:26} p50 {1000 * times[VISITS // 2]:4.0f} ms  "
            f"p95 {1000 * times[int(0.95 * VISITS)]:4.0f} ms"
        )


def measure_visit(running, url, session):
    """Seconds for one page."""
    connection = HTTPConnection("127.0.0.1", running.port, timeout=20)
    start = time.monotonic()
    connection.request(
        "GET", url, headers={"Host": f"localhost:{running.port}", "Cookie": f"sessionid={session}"}
    )
    answer = connection.getresponse()
    answer.read()
    assert answer.status == 200, (url, answer.status)
    return time.monotonic() - start


if __name__ == "__main__":
    main()
