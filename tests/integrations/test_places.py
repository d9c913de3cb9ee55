"""The data file of places is complete and repeats nothing of the platforms' descriptions."""

import tomllib

import pytest

from integrations.places import AVATAR_SLUG, PLACES_FILE, all_places
from integrations.platforms.registry import all_platforms

TABLES = tomllib.loads(PLACES_FILE.read_text())
SENT = {platform.slug: platform for platform in all_platforms()}
# Issue 5 names them: no app can set the picture of a person there.
HANDED_OFF = (
    "linkedin",
    "instagram",
    "facebook",
    "github",
    "youtube",
    "google",
    "discord",
    "twitch",
    "reddit",
    "pinterest",
    "strava",
    "tumblr",
    "atlassian",
    "notion",
    "asana",
    "telegram",
    "whatsapp",
)


@pytest.mark.parametrize("slug", SENT)
def test_file_of_a_platform_is_what_its_slot_says(slug):
    place, slot = all_places()[slug], SENT[slug].slot
    assert (place.pixels, place.max_bytes, place.form) == (
        slot.pixels,
        slot.max_bytes,
        slot.formats[0],
    )
    assert not {"pixels", "max_bytes", "form"} & set(TABLES.get(slug, {}))


@pytest.mark.parametrize("slug", SENT)
def test_data_file_repeats_nothing_of_a_platform(slug):
    table = TABLES.get(slug, {})
    for fact in ("name", "page"):
        assert table.get(fact) != getattr(SENT[slug], fact), f"{slug} says its {fact} twice"


@pytest.mark.parametrize("slug", HANDED_OFF)
def test_hand_off_says_why_where_and_how(slug):
    place = all_places()[slug]
    assert place.by_hand and place.steps.endswith(".")
    assert place.page.startswith(("https://", "tg://"))
    assert place.pixels >= place.shown[0]  # never enlarged


def test_everything_else_is_sent_or_served():
    own = {slug for slug, place in all_places().items() if place.by_hand}
    assert set(all_places()) - own == {*SENT, AVATAR_SLUG} - own
    assert own - set(HANDED_OFF) == {"x", "website"}


def test_public_pictures_are_read_from_one_host_by_name():
    readable = [place for place in all_places().values() if place.public]
    assert {place.slug for place in readable} == {"github", "tumblr"}
    for place in readable:
        assert place.public.startswith("https://api.") and place.public.count("{name}") == 1
