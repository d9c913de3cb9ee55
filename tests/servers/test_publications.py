"""One press of the button reaches real servers, is seen there, is undone, and asks about others."""

from itertools import count

import pytest

from headshots.storage import pictures
from integrations.connections import services as connection_services
from integrations.publishing import choices
from integrations.publishing import services as publishing_services
from tests.support import celery_messages
from tests.support.people import jpeg, patches, photo_of, variant_of
from tests.support.servers import synapse
from tests.support.servers.atproto import BlueskyPerson
from tests.support.servers.connections import begin_sign_in, finish_sign_in

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]
WORDS = {"displayName": "Alice", "description": "Sails."}
BEFORE, BY_HAND = (jpeg(patches(seed, side=512)) for seed in (90, 91))
numbers = count()


@pytest.fixture(autouse=True)
def files(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "media"
    celery_messages.lose()


@pytest.fixture
def bluesky(alice, pds, settings):
    """An account with words and a picture of its own, connected."""
    server, settings.PLC_URL = pds
    person = BlueskyPerson(server, f"bea{next(numbers)}")
    person.write_profile(**WORDS, avatar=person.upload(BEFORE))
    person.connection = finish_sign_in(
        alice,
        person.sign_in_and_consent(begin_sign_in(alice, "bluesky", address=person.did)),
        "bluesky",
    )
    return person


@pytest.fixture
def matrix_account(alice, matrix):
    """An account without a picture, connected by a pasted token."""
    person = synapse.MatrixPerson(matrix, f"bea{next(numbers)}")
    options = {"auth_index": 1, "address": matrix, "fields": {"token": person.token}}
    connection_services.connect_with_token(alice, "matrix", **options)
    return person


def choose_headshot(owner, seed):
    """A headshot that is meant to hang in both places."""
    variant = variant_of(owner, photo=photo_of(owner, seed=seed))
    type(variant).objects.filter(pk=variant.pk).update(
        picture=pictures.store_picture(owner.pk, patches(seed, side=512))
    )
    variant.refresh_from_db()
    choices.choose_variant(variant, ["bluesky", "matrix"])


def deliver_and_describe(publications):
    """What became of publications once the worker was there."""
    celery_messages.deliver()
    for publication in publications:
        publication.refresh_from_db()
    return {publication.place: str(publication.says) for publication in publications}


def test_button_reaches_both_servers_and_undo_puts_back_what_was_there(
    alice, bluesky, matrix_account
):
    choose_headshot(alice, 1)
    publications = publishing_services.publish_chosen(alice)
    assert deliver_and_describe(publications) == {"bluesky": "verified", "matrix": "verified"}
    assert (
        bluesky.fetch_picture() != BEFORE
        and bluesky.fetch_record() | WORDS == bluesky.fetch_record()
    )
    assert matrix_account.fetch_picture_url().startswith("mxc://")

    undone = publishing_services.undo_publications(publications)
    assert set(deliver_and_describe(undone).values()) == {"verified"}
    assert (
        bluesky.fetch_picture() == BEFORE
        and bluesky.fetch_record() | WORDS == bluesky.fetch_record()
    )
    assert matrix_account.fetch_picture_url() == ""


def test_picture_that_another_app_set_meanwhile_is_not_replaced_without_asking(alice, bluesky):
    choose_headshot(alice, 1)
    assert deliver_and_describe(publishing_services.publish_chosen(alice)) == {
        "bluesky": "verified"
    }
    bluesky.write_profile(**WORDS, avatar=bluesky.upload(BY_HAND))
    choose_headshot(alice, 2)
    (publication,) = publishing_services.publish_chosen(alice)
    deliver_and_describe([publication])
    assert publication.state == "blocked" and bluesky.fetch_picture() == BY_HAND
    publishing_services.resolve_blocked(publication, "send")
    assert (
        deliver_and_describe([publication]) == {"bluesky": "verified"}
        and bluesky.fetch_picture() != BY_HAND
    )
