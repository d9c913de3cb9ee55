"""Sent, seen, undone; never over what a person set by hand."""

from datetime import timedelta

import pytest
from django.utils import timezone

from integrations.connections import services as connection_services
from integrations.connections import tokens
from integrations.errors import (
    ActionNotAvailable,
)
from integrations.models import Backup
from integrations.publishing import choices, deliveries
from integrations.publishing import queue as publishing_queue
from integrations.publishing import services as publishing_services
from integrations.selectors import publication_for
from tests.integrations.publishing.sending import ORIGINAL, ask, headshot, now_is, trail, work
from tests.support import celery_messages
from tests.support.memory_platform import SLUG, connected
from tests.support.people import jpeg, patches

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.usefixtures("account")
def test_chosen_headshot_is_sent_seen_and_verified(alice, platform):
    choices.choose(headshot(alice), [SLUG])
    (one,) = publishing_services.refresh(alice)
    assert one.state == "ready" and str(one.says) == "waiting"
    assert celery_messages.deliver() == 1
    one.refresh_from_db()
    assert one.state == "published" and str(one.says) == "verified"
    assert len(platform.effects) == 1 and trail(one) == ["sending", "published"]
    assert one.live_key == platform.live.key


def test_message_twice_is_one_effect(account, platform):
    one = ask(account)
    deliveries.send(one.pk, open_client=tokens.client_of)
    deliveries.send(one.pk, open_client=tokens.client_of)
    assert len(platform.effects) == 1


def test_lost_message_is_told_again(account, platform):
    one = ask(account)
    celery_messages.lose()
    publishing_queue.tell_again()
    assert celery_messages.waiting() == [], "a worker may still be at it"
    now_is(one, touched_at=timezone.now() - timedelta(minutes=2))
    publishing_queue.tell_again()
    assert celery_messages.deliver() == 1 and len(platform.effects) == 1


def test_picture_is_kept_before_the_first_write(account):
    one = work(ask(account))
    assert one.before.portrait and one.before.media_type == "image/jpeg"
    assert not one.before.is_none
    assert ORIGINAL not in bytes(one.before.sealed), "what is stored is sealed"


def test_undo_puts_back_the_very_bytes(account, platform):
    one = work(ask(account))
    undo = work(publishing_services.undo(one))
    assert undo.state == "published" and platform.live.data == ORIGINAL
    assert undo.undoes == one
    again = work(publishing_services.undo(undo))
    assert again.state == "published" and platform.live.data == platform.effects[0]


def test_undo_removes_a_picture_where_none_was(alice, platform):
    one = work(ask(connected(alice)))
    assert one.before.is_none and platform.live is not None
    undo = work(publishing_services.undo(one))
    assert undo.state == "published" and platform.live is None


@pytest.mark.usefixtures("platform")
def test_everything_is_undone_together(alice):
    many = [connected(alice, account=str(index)) for index in range(3)]
    sent = [work(ask(connection, seed)) for seed, connection in enumerate(many, start=1)]
    undone = publishing_services.undo_all(sent)
    assert len({one.batch for one in undone}) == 1 and len(undone) == 3


def test_undo_of_what_is_gone_says_so(account):
    one = work(ask(account))
    connection_services.disconnect(account)
    one.refresh_from_db()
    with pytest.raises(ActionNotAvailable):
        publishing_services.undo(publication_for(one.owner, one.pk))


def test_same_picture_is_kept_once(account):
    for seed in (1, 2, 1, 2):
        assert work(ask(account, seed)).state == "published"
    assert Backup.objects.count() == 3


def test_picture_set_by_hand_is_not_overwritten(account, platform):
    work(ask(account))
    platform.by_hand(jpeg(patches(50, side=256)))
    one = work(ask(account, seed=2))
    assert (one.state, one.code) == ("blocked", "drifted") and len(platform.effects) == 1
    assert one.before.portrait, "what was found is shown"


def test_picture_taken_away_by_hand_is_respected(account, platform):
    work(ask(account))
    platform.by_hand(None)
    assert work(ask(account, seed=2)).code == "drifted"


def test_recompressed_picture_is_still_ours(account, platform):
    work(ask(account))
    platform.by_hand(jpeg(patches(1, side=400), quality=75))
    assert work(ask(account, seed=2)).state == "published"


def test_first_write_asks_nobody(account):
    assert work(ask(account)).state == "published"
