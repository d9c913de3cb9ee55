"""Every page, as a picture: `python -m tests.browser.screenshots`, into var/screenshots/."""

import shutil
import sys
import tempfile
from pathlib import Path

from tests.browser.album import WHO, Album
from tests.browser.chromium import LIGHTS, SIZES, chromium
from tests.support.installation import ROOT

FOLDER = ROOT / "var" / "screenshots"
# Every picture there, also those that would only be fetched when scrolled to; 15 s at most.
ARRIVED = """() => Promise.race([
  new Promise((late) => setTimeout(late, 15_000)),
  Promise.all([...document.images].map((one) => {
    one.loading = "eager";
    return one.decode().catch(() => {});
  })),
])"""


def take(album, browser, *, wanted=""):
    """Every page whose name has the wanted words, in every size and light."""
    for who in WHO:
        for size, options in SIZES.items():
            context = album.visitor(browser, who, **options)
            page = context.new_page()
            for album_page in album.pages(context, who):
                if wanted in str(album_page):
                    shoot(page, album_page, FOLDER / size)
            context.close()


def shoot(page, album_page, folder):
    """One page, by day and by night, to its end."""
    for light in LIGHTS:
        page.emulate_media(color_scheme=light, reduced_motion="reduce")
        if light == LIGHTS[0]:
            page.goto(album_page.url)
        page.evaluate(ARRIVED)
        page.wait_for_timeout(250)  # colours and prints have faded over
        path = folder / light / f"{album_page}.png"
        page.screenshot(path=path, full_page=True)
        print(path.relative_to(ROOT), flush=True)


if __name__ == "__main__":
    if not sys.argv[1:]:
        shutil.rmtree(FOLDER, ignore_errors=True)
    with tempfile.TemporaryDirectory() as data, chromium() as browser:
        album = Album(Path(data))
        try:
            take(album, browser, wanted="".join(sys.argv[1:]))
        finally:
            album.facet.kill()
