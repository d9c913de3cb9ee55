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
from tests.support.servers.atproto import Person
from tests.support.servers.connections import begin, finish

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
    person = Person(server, f"bea{next(numbers)}")
    person.write(**WORDS, avatar=person.upload(BEFORE))
    person.connection = finish(
        alice, person.come_back(begin(alice, "bluesky", told=person.did)), "bluesky"
    )
    return person


@pytest.fixture
def matrix_account(alice, matrix):
    """An account without a picture, connected by a pasted token."""
    person = synapse.Person(matrix, f"bea{next(numbers)}")
    told = {"way": 1, "told": matrix, "fields": {"token": person.token}}
    connection_services.paste(alice, "matrix", **told)
    return person


def chosen(owner, seed):
    """A headshot that is meant to hang in both places."""
    variant = variant_of(owner, photo=photo_of(owner, seed=seed))
    type(variant).objects.filter(pk=variant.pk).update(
        picture=pictures.keep(owner.pk, patches(seed, side=512))
    )
    variant.refresh_from_db()
    choices.choose(variant, ["bluesky", "matrix"])


def sent(made):
    """What became of publications once the worker was there."""
    celery_messages.deliver()
    for one in made:
        one.refresh_from_db()
    return {one.place: str(one.says) for one in made}


def test_button_reaches_both_servers_and_undo_puts_back_what_was_there(
    alice, bluesky, matrix_account
):
    chosen(alice, 1)
    made = publishing_services.refresh(alice)
    assert sent(made) == {"bluesky": "verified", "matrix": "verified"}
    assert bluesky.picture() != BEFORE and bluesky.record() | WORDS == bluesky.record()
    assert matrix_account.picture().startswith("mxc://")

    undone = publishing_services.undo_all(made)
    assert set(sent(undone).values()) == {"verified"}
    assert bluesky.picture() == BEFORE and bluesky.record() | WORDS == bluesky.record()
    assert matrix_account.picture() == ""


def test_picture_that_another_app_set_meanwhile_is_not_replaced_without_asking(alice, bluesky):
    chosen(alice, 1)
    assert sent(publishing_services.refresh(alice)) == {"bluesky": "verified"}
    bluesky.write(**WORDS, avatar=bluesky.upload(BY_HAND))
    chosen(alice, 2)
    (one,) = publishing_services.refresh(alice)
    sent([one])
    assert one.state == "blocked" and bluesky.picture() == BY_HAND
    publishing_services.resolve(one, "send")
    assert sent([one]) == {"bluesky": "verified"} and bluesky.picture() != BY_HAND
