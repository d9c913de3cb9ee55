"""Sent, seen, undone; never over what a person set by hand."""

from datetime import timedelta

import pytest
from django.utils import timezone

from integrations.connections import services as connection_services
from integrations.connections import tokens
from integrations.content_credentials.signing import SignedFile
from integrations.errors import (
    ActionNotAvailable,
)
from integrations.models import Backup
from integrations.publishing import choices, deliveries
from integrations.publishing import queue as publishing_queue
from integrations.publishing import services as publishing_services
from integrations.selectors import publication_for
from tests.integrations.publishing.sending import (
    ORIGINAL,
    headshot,
    publish_headshot,
    run_worker,
    step_targets,
    update_row,
)
from tests.support import celery_messages
from tests.support.people import jpeg, patches
from tests.support.platforms.memory_platform import SLUG, create_connection

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.usefixtures("account")
def test_chosen_headshot_is_sent_seen_and_verified(alice, platform):
    choices.choose_variant(headshot(alice), [SLUG])
    (publication,) = publishing_services.publish_chosen(alice)
    assert publication.state == "ready" and str(publication.says) == "waiting"
    assert celery_messages.deliver() == 1
    publication.refresh_from_db()
    assert publication.state == "published" and str(publication.says) == "verified"
    assert len(platform.effects) == 1 and step_targets(publication) == ["sending", "published"]
    assert publication.live_key == platform.live.key


def test_message_twice_is_one_effect(account, platform):
    publication = publish_headshot(account)
    deliveries.send_publication(publication.pk, open_client=tokens.open_client)
    deliveries.send_publication(publication.pk, open_client=tokens.open_client)
    assert len(platform.effects) == 1


def test_lost_message_is_told_again(account, platform):
    publication = publish_headshot(account)
    celery_messages.lose()
    publishing_queue.enqueue_due_publications()
    assert celery_messages.waiting() == [], "a worker may still be at it"
    update_row(publication, touched_at=timezone.now() - timedelta(minutes=2))
    publishing_queue.enqueue_due_publications()
    assert celery_messages.deliver() == 1 and len(platform.effects) == 1


def test_picture_is_kept_before_the_first_write(account):
    publication = run_worker(publish_headshot(account))
    assert publication.before.portrait and publication.before.media_type == "image/jpeg"
    assert not publication.before.is_none
    assert ORIGINAL not in bytes(publication.before.sealed), "what is stored is sealed"


def test_undo_puts_back_the_very_bytes(account, platform):
    publication = run_worker(publish_headshot(account))
    undo = run_worker(publishing_services.undo_publication(publication))
    assert undo.state == "published" and platform.live.data == ORIGINAL
    assert undo.undoes == publication
    again = run_worker(publishing_services.undo_publication(undo))
    assert again.state == "published" and platform.live.data == platform.effects[0]


def test_undo_removes_a_picture_where_none_was(alice, platform):
    publication = run_worker(publish_headshot(create_connection(alice)))
    assert publication.before.is_none and platform.live is not None
    undo = run_worker(publishing_services.undo_publication(publication))
    assert undo.state == "published" and platform.live is None


@pytest.mark.usefixtures("platform")
def test_everything_is_undone_together(alice):
    many = [create_connection(alice, account=str(index)) for index in range(3)]
    sent = [
        run_worker(publish_headshot(connection, seed))
        for seed, connection in enumerate(many, start=1)
    ]
    undone = publishing_services.undo_publications(sent)
    assert len({publication.batch for publication in undone}) == 1 and len(undone) == 3


def test_undo_of_what_is_gone_says_so(account):
    publication = run_worker(publish_headshot(account))
    connection_services.end_connection(account)
    publication.refresh_from_db()
    with pytest.raises(ActionNotAvailable):
        publishing_services.undo_publication(publication_for(publication.owner, publication.pk))


def test_same_picture_is_kept_once(account, monkeypatch):
    monkeypatch.setattr(  # every signature differs, and with it the file
        "integrations.renditions.sign_variant_file",
        lambda _variant, data, **_: SignedFile(data, is_signed=False),
    )
    for seed in (1, 2, 1, 2):
        assert run_worker(publish_headshot(account, seed)).state == "published"
    assert Backup.objects.count() == 3


def test_picture_set_by_hand_is_not_overwritten(account, platform):
    run_worker(publish_headshot(account))
    platform.by_hand(jpeg(patches(50, side=256)))
    publication = run_worker(publish_headshot(account, seed=2))
    assert (publication.state, publication.code) == ("blocked", "drifted") and len(
        platform.effects
    ) == 1
    assert publication.before.portrait, "what was found is shown"


def test_picture_taken_away_by_hand_is_respected(account, platform):
    run_worker(publish_headshot(account))
    platform.by_hand(None)
    assert run_worker(publish_headshot(account, seed=2)).code == "drifted"


def test_recompressed_picture_is_still_ours(account, platform):
    run_worker(publish_headshot(account))
    platform.by_hand(jpeg(patches(1, side=400), quality=75))
    assert run_worker(publish_headshot(account, seed=2)).state == "published"


def test_first_write_asks_nobody(account):
    assert run_worker(publish_headshot(account)).state == "published"
