"""A person with measured headshots and what is suggested to them."""

from django.db.models import F

from branding.advice import selectors
from tests.support.people import photo_of, sheet_of

APPEARANCE = {
    "smile": 0.6,
    "teeth": 0.2,
    "gaze": 0.05,
    "yaw": 1.0,
    "pitch": -4.0,
    "light_azimuth": 10.0,
    "light_elevation": 30.0,
    "light_ratio": 2.0,
    "head_height": 300.0,
    "background_spread": 40.0,
}
STERN = {"smile": 0.1, "teeth": 0.0}


def measured_headshots(owner, **appearance):
    """Return a headshot of each look, by the look, of a photo that was measured."""
    photo = photo_of(owner, appearance=APPEARANCE | appearance)
    sheet = sheet_of(owner, photo, count=10)
    sheet.variants.update(steps=F("wished"))
    return {variant.look: variant for variant in sheet.variants.all()}


def suggest(owner):
    """Return what is suggested to a person who told their role."""
    wishes = selectors.wishes_of(selectors.advice_settings_of(owner))
    return selectors.suggestions_of(owner, selectors.advisor_of(owner, wishes))
