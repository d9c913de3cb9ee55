"""Debian's Chromium, and the sizes and lights in which every page is looked at."""

from contextlib import contextmanager

from playwright.sync_api import sync_playwright

PATH = "/usr/bin/chromium"
FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-sync",
    "--disable-background-networking",
    "--disable-component-update",
    "--use-fake-device-for-media-stream",
    "--use-fake-ui-for-media-stream",
)
DESKTOP = {"viewport": {"width": 1360, "height": 850}}
PHONE = {
    "viewport": {"width": 390, "height": 844},
    "device_scale_factor": 2,
    "is_mobile": True,
    "has_touch": True,
}
SIZES = {"desktop": DESKTOP, "phone": PHONE}
LIGHTS = ("light", "dark")


@contextmanager
def chromium(*flags):
    """A browser, until the end."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=PATH, args=[*FLAGS, *flags])
        try:
            yield browser
        finally:
            browser.close()
