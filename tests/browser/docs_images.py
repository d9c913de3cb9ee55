"""The pictures of the documentation: `python -m tests.browser.docs_images` writes docs/images/.

Both are made by Facet itself from the portrait that comes with it: the contact sheet by the
command line, the page with every profile by a browser.
"""

import subprocess
import sys
import tempfile
from pathlib import Path

from PIL import Image

from tests.browser.album import Album
from tests.browser.chromium import chromium
from tests.browser.screenshots import ARRIVED
from tests.support.installation import ROOT

FOLDER = ROOT / "docs" / "images"
PORTRAIT = ROOT / "headshots" / "samples" / "eileen-collins.jpg"
WINDOW = {"viewport": {"width": 1280, "height": 860}}
SHEET_WIDTH = 1100  # pixels: wider than the column in which GitHub shows a README
SHEET_QUALITY = 80
COLOURS = 256
MAX_BYTES = 250_000


def make_contact_sheet(target):
    """The sample portrait in every look, as `manage.py headshots` lays it out."""
    with tempfile.TemporaryDirectory() as folder:
        command = ["manage.py", "headshots", str(PORTRAIT), "--size", "512", "--out", folder]
        subprocess.run([sys.executable, *command], cwd=ROOT, check=True)
        with Image.open(Path(folder) / "sheet.jpg") as sheet:
            height = round(sheet.height * SHEET_WIDTH / sheet.width)
            smaller = sheet.resize((SHEET_WIDTH, height), Image.Resampling.LANCZOS)
    smaller.save(target, "JPEG", quality=SHEET_QUALITY, optimize=True, progressive=True)


def make_profiles_page(target):
    """The profiles page of an account that is in use, as a window of a desktop shows it."""
    with tempfile.TemporaryDirectory() as data, chromium() as browser:
        album = Album(Path(data))
        try:
            page = album.visitor(browser, "filled", **WINDOW).new_page()
            page.emulate_media(color_scheme="light", reduced_motion="reduce")
            page.goto("/profiles/")
            page.evaluate(ARRIVED)
            page.wait_for_timeout(500)  # pictures and colours have faded in
            page.screenshot(path=target)
        finally:
            album.facet.kill()
    with Image.open(target) as page:
        fewer = page.convert("RGB").quantize(COLOURS, dither=Image.Dither.FLOYDSTEINBERG)
    fewer.save(target, "PNG", optimize=True)


def require_small(path):
    """Fail if a picture is too large to be committed."""
    if path.stat().st_size > MAX_BYTES:
        sys.exit(f"{path.name} has {path.stat().st_size:,} bytes; the limit is {MAX_BYTES:,}.")


if __name__ == "__main__":
    FOLDER.mkdir(parents=True, exist_ok=True)
    make_contact_sheet(FOLDER / "contact-sheet.jpg")
    make_profiles_page(FOLDER / "profiles.png")
    for picture in FOLDER.iterdir():
        require_small(picture)
