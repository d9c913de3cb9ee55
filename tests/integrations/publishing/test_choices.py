"""Choosing is all or nothing, once a place, and never forgets what hung there before."""

import io

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse
from PIL import Image

from headshots.models import Variant
from integrations.avatars import services as avatar_services
from integrations.errors import NotPublishable, UnknownPlace
from integrations.models import AvatarAddress, Choice, Connection
from integrations.places import AVATAR_SLUG, all_places
from integrations.platforms.registry import all_platforms
from integrations.publishing import choices
from integrations.renditions import encode_for_place
from integrations.selectors import current_choices, profiles_of
from tests.support.people import browser, person, sheet_of, variant_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def alice():
    return person("alice")


def hanging(owner):
    return {place: choice.variant_id for place, choice in current_choices(owner).items()}


def test_one_place_shows_one_headshot_and_keeps_its_history(alice):
    first, second, _ = sheet_of(alice).variants.all()
    choices.choose_variant(first, ["linkedin", "github"])
    choices.choose_variant(second, ["github"])
    assert hanging(alice) == {"linkedin": first.pk, "github": second.pk}
    assert Choice.objects.filter(owner=alice, place="github").count() == 2
    assert Variant.objects.get(pk=second.pk).kept


def test_choosing_what_hangs_there_changes_nothing(alice):
    variant = variant_of(alice)
    choices.choose_variant(variant, ["linkedin"])
    assert choices.choose_variant(variant, ["linkedin", "linkedin"]) == []
    assert Choice.objects.count() == 1


def test_choice_is_all_or_nothing(alice):
    with pytest.raises(UnknownPlace):
        choices.choose_variant(variant_of(alice), ["linkedin", "moon"])
    assert not Choice.objects.exists()


@pytest.mark.parametrize("state", ["waiting", "rejected", "failed"])
def test_only_what_is_ready_hangs(alice, state):
    with pytest.raises(NotPublishable):
        choices.choose_variant(variant_of(alice, state=state), ["linkedin"])


def test_two_cannot_hang_at_one_place(alice):
    variant = variant_of(alice)
    choices.choose_variant(variant, ["linkedin"])
    with pytest.raises(IntegrityError), transaction.atomic():
        Choice.objects.create(owner=alice, place="linkedin", variant=variant)


def test_successor_takes_every_place_of_its_parent(alice):
    old, other = sheet_of(alice, count=2).variants.all()
    choices.choose_variant(old, ["linkedin", "slack"])
    choices.choose_variant(other, ["github"])
    new = sheet_of(alice, old.photo, count=1, kind="refresh").variants.get()
    Variant.objects.filter(pk=new.pk).update(parent=old)
    choices.replace_choices(Variant.objects.filter(pk=new.pk))
    assert hanging(alice) == {"linkedin": new.pk, "slack": new.pk, "github": other.pk}


def test_avatar_address_answers_only_while_it_is_open(alice):
    choices.choose_variant(variant_of(alice), [AVATAR_SLUG])
    address = avatar_services.open_address(alice)
    anyone, url = browser(), reverse("web:avatar", args=[address.token])
    shown = anyone.get(url)
    assert shown.status_code == 200 and "public" in shown.headers["Cache-Control"]
    again = anyone.get(url, headers={"If-None-Match": shown.headers["ETag"]})
    assert again.status_code == 304
    avatar_services.close_address(alice)
    assert anyone.get(url).status_code == 404
    renewed = avatar_services.renew_address(alice)
    assert anyone.get(url).status_code == 404
    assert anyone.get(reverse("web:avatar", args=[renewed.token])).status_code == 200
    assert AvatarAddress.objects.count() == 1


@pytest.mark.parametrize(
    ("size", "side"),
    [("40", 40), ("300", 300), ("1024", 512), ("9999", 512), ("x", 400), ("-1", 400), ("", 400)],
)
def test_avatar_comes_in_the_size_that_is_asked_for(alice, size, side):
    choices.choose_variant(variant_of(alice), [AVATAR_SLUG])
    url = reverse("web:avatar", args=[avatar_services.open_address(alice).token])
    answer = browser().get(url, {"s": size})
    assert Image.open(io.BytesIO(answer.content)).size == (side, side)


@pytest.mark.parametrize("slug", all_places())
def test_file_is_what_the_place_takes(alice, slug):
    place = all_places()[slug]
    data = encode_for_place(variant_of(alice), place)
    picture = Image.open(io.BytesIO(data))
    side = min(place.pixels, 512)
    assert picture.size == (side, side) and picture.format.lower() == place.form
    assert len(data) <= place.max_bytes
    assert b"compositeSynthetic" in data and not picture.getexif()
    assert place.shown == tuple(sorted(place.shown, reverse=True))
    assert place.shape in {"circle", "rounded", "square"}


def account(owner, name, slug="mastodon"):
    return Connection.objects.create(
        owner=owner, slug=slug, server="https://a.example", account_id=name, account_name=name
    )


def test_account_shows_its_own_choice_or_that_of_its_place(alice):
    first, second, _ = sheet_of(alice).variants.all()
    work, play = account(alice, "@work"), account(alice, "@play")
    choices.choose_variant(first, ["mastodon"])
    choices.choose_variant(second, [], [play])
    shown = {
        profile.name: profile.choice.variant for profile in profiles_of(alice) if profile.connection
    }
    assert shown == {work.account_name: first, play.account_name: second}
    assert hanging(alice) == {"mastodon": first.pk}


def test_every_platform_has_a_frame():
    assert {platform.slug for platform in all_platforms()} <= set(all_places())
