"""Somebody set another picture by hand: keep it, take it over, or send ours."""

import pytest

from headshots.models import Photo
from headshots.services import photos
from integrations.errors import (
    ActionNotAvailable,
    NotOwner,
)
from integrations.publishing import services as publishing_services
from tests.integrations.publishing.sending import profile_of, publish_headshot, run_worker
from tests.support import celery_messages, portraits
from tests.support.people import jpeg, patches, selfie

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def drifted(account, platform):
    """A publication that somebody has to answer for: the picture there was set by hand."""
    run_worker(publish_headshot(account))
    platform.by_hand(selfie(3))
    return run_worker(publish_headshot(account, seed=2))


def test_theirs_is_kept(drifted, platform):
    publishing_services.resolve_blocked(drifted, "keep")
    drifted.refresh_from_db()
    assert (drifted.state, drifted.code) == ("cancelled", "kept") and len(platform.effects) == 1


def test_ours_is_sent_over_just_that_picture(drifted, platform):
    publishing_services.resolve_blocked(drifted, "send")
    platform.by_hand(jpeg(patches(60, side=256)))
    assert run_worker(drifted).code == "drifted", "it is another picture than the one agreed to"
    publishing_services.resolve_blocked(drifted, "send")
    assert run_worker(drifted).state == "published" and len(platform.effects) == 2


def test_only_what_is_asked_is_answered(drifted):
    with pytest.raises(ActionNotAvailable):
        publishing_services.resolve_blocked(drifted, "whatever")
    publishing_services.resolve_blocked(drifted, "keep")
    with pytest.raises(ActionNotAvailable):
        publishing_services.resolve_blocked(drifted, "send")


@pytest.mark.slow
def test_picture_of_the_same_person_is_taken_over(alice, account, drifted, platform):
    photo = photos.add_photo(alice, selfie(0))
    Photo.objects.filter(pk=photo.pk).update(state="usable")
    Photo.objects.exclude(pk=photo.pk).delete()
    publishing_services.resolve_blocked(drifted, "adopt")
    drifted.refresh_from_db()
    assert drifted.state == "processing" and run_worker(drifted).state == "processing"
    celery_messages.deliver()
    assert run_worker(drifted).state == "published"
    assert drifted.variant.source_type == "digitalCapture" and drifted.variant.likeness < 0.25
    assert profile_of(account).choice.variant == drifted.variant and len(platform.effects) == 1
    platform.by_hand(jpeg(patches(61, side=256)))
    assert run_worker(publish_headshot(account, seed=3)).code == "drifted", "from now on it is ours"


@pytest.mark.slow
@pytest.mark.skipif(len(portraits.PORTRAITS) < 2, reason="it takes a photo of somebody else")
def test_picture_of_somebody_else_is_not_taken_over(alice, account, drifted):
    other = next(portrait for portrait in portraits.PORTRAITS if portrait != portraits.ASTRONAUT)
    photo = photos.add_photo(alice, jpeg(other.pixels, quality=92))
    Photo.objects.filter(pk=photo.pk).update(state="usable")
    Photo.objects.exclude(pk=photo.pk).delete()
    publishing_services.resolve_blocked(drifted, "adopt")
    celery_messages.deliver()
    assert (
        run_worker(drifted).state == "failed" and drifted.code == "not_adopted" and drifted.message
    )
    assert profile_of(account).choice is None


def test_nothing_is_taken_over_without_a_photo_to_compare_with(drifted):
    Photo.objects.all().delete()
    with pytest.raises(NotOwner):
        publishing_services.resolve_blocked(drifted, "adopt")
    drifted.refresh_from_db()
    assert drifted.state == "blocked"
