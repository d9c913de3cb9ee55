"""The data file of places: whole, without what an adapter declares, with a way for every hand."""

import tomllib

import pytest

from integrations.places import AVATAR, DATA, frames
from integrations.platforms.registry import platforms

TOLD = tomllib.loads(DATA.read_text())
SENT = {platform.slug: platform for platform in platforms()}
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
    frame, slot = frames()[slug], SENT[slug].slot
    assert (frame.pixels, frame.max_bytes, frame.form) == (
        slot.pixels,
        slot.max_bytes,
        slot.formats[0],
    )
    assert not {"pixels", "max_bytes", "form"} & set(TOLD.get(slug, {}))


@pytest.mark.parametrize("slug", SENT)
def test_data_file_repeats_nothing_of_a_platform(slug):
    told = TOLD.get(slug, {})
    for fact in ("name", "page"):
        assert told.get(fact) != getattr(SENT[slug], fact), f"{slug} says its {fact} twice"


@pytest.mark.parametrize("slug", HANDED_OFF)
def test_hand_off_says_why_where_and_how(slug):
    frame = frames()[slug]
    assert frame.by_hand and frame.steps.endswith(".")
    assert frame.page.startswith(("https://", "tg://"))
    assert frame.pixels >= frame.shown[0]  # never enlarged


def test_everything_else_is_sent_or_served():
    own = {slug for slug, frame in frames().items() if frame.by_hand}
    assert set(frames()) - own == {*SENT, AVATAR} - own
    assert own - set(HANDED_OFF) == {"x", "website"}


def test_public_pictures_are_read_from_one_host_by_name():
    readable = [frame for frame in frames().values() if frame.public]
    assert {frame.slug for frame in readable} == {"github", "tumblr"}
    for frame in readable:
        assert frame.public.startswith("https://api.") and frame.public.count("{name}") == 1
