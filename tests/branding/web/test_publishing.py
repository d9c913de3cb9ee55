"""Sending from a page: receipts, questions, undo; another's publications do not exist."""

from dataclasses import replace

import pytest
from django.urls import reverse
from django.utils import timezone

from integrations import renditions
from integrations.errors import ManualActionRequired, Rejected, Unauthorized
from integrations.models import Publication, Run
from integrations.publication_states import State
from integrations.publishing import choices, deliveries
from tests.integrations.scheduling.examples import daily
from tests.support import celery_messages
from tests.support.people import browser, jpeg, patches, person, variant_of
from tests.support.platforms.memory_platform import SLUG, create_connection, put_in_registry

pytestmark = pytest.mark.django_db(transaction=True)
PROFILES, UPLOAD = "/profiles/", "Action needed: upload it there"
ORIGINAL, THEIRS = (jpeg(patches(seed, side=256)) for seed in (90, 91))


@pytest.fixture
def platform(monkeypatch):
    celery_messages.lose()
    return put_in_registry(monkeypatch)


@pytest.fixture
def alice(platform):
    """She chose a headshot for her account and sends it; see `receipt`."""
    platform.by_hand(ORIGINAL)
    alice = person("alice")
    choices.choose_variant(variant_of(alice), [SLUG, "avatar", "linkedin"])
    create_connection(alice)
    assert browser(alice).post(reverse("web:send")).url == receipt()
    return alice


def receipt():
    return reverse("web:receipts", args=[only_publication().batch])


def page(owner, url):
    answer = browser(owner).get(url)
    assert answer.status_code == 200, url
    return " ".join(answer.content.decode().split())


def only_publication(state=None):
    publications = Publication.objects.exclude(connection=None)
    return (publications.filter(state=state) if state else publications).latest("asked_at")


def test_every_profile_gets_its_own_and_says_when_it_was_seen(alice):
    assert "waiting" in page(alice, receipt()) and "hx-get" in page(alice, receipt())
    celery_messages.deliver()
    shown = page(alice, receipt())
    assert "<strong>2</strong> of 3 profiles" in shown and "hx-get" not in shown
    states = dict(Publication.objects.values_list("place", "state"))
    assert states == {SLUG: "published", "avatar": "published", "linkedin": "blocked"}
    assert page(alice, reverse("web:changes")).count("Undo") >= 1


@pytest.mark.parametrize("missing", [0, 1000], ids=["room", "too little room"])
def test_receipt_says_when_the_signature_did_not_fit_into_the_file(alice, monkeypatch, missing):
    def encode_within_limit(variant, slot):
        size = len(renditions.encode_for_slot(variant, slot).data)
        return renditions.encode_for_slot(variant, replace(slot, max_bytes=size - missing))

    monkeypatch.setattr(deliveries, "encode_for_slot", encode_within_limit)
    celery_messages.deliver()
    is_said = "Sent without content credentials" in page(alice, receipt())
    assert only_publication().state == State.PUBLISHED and is_said == bool(missing)


def test_old_one_comes_back(alice, platform):
    celery_messages.deliver()
    answer = browser(alice).post(reverse("web:publication_undo", args=[only_publication().pk]))
    celery_messages.deliver()
    assert platform.live.data == ORIGINAL
    assert "verified" in page(alice, answer.url) and only_publication().undoes is not None
    portrait = browser(alice).get(reverse("web:before", args=[only_publication().undoes_id]))
    assert portrait.status_code == 200 and portrait.content.startswith(b"\xff\xd8")


@pytest.mark.slow
def test_what_was_set_by_hand_is_asked_about(alice, platform):
    celery_messages.deliver()
    platform.by_hand(THEIRS)
    choices.choose_variant(variant_of(alice, photo=only_publication().variant.photo), [SLUG])
    url = browser(alice).post(reverse("web:send")).url
    celery_messages.deliver()
    shown = page(alice, url)
    assert "Keep the picture there" in shown and "Replace it with mine" in shown
    assert "Action needed" in page(alice, reverse("web:changes"))
    assert "Changed by hand" in page(alice, PROFILES) and url in page(alice, PROFILES)
    assert "Activity: 2 things need you" in page(alice, PROFILES)
    browser(alice).post(
        reverse("web:publication_resolve", args=[only_publication().pk]), {"answer": "send"}
    )
    celery_messages.deliver()
    assert only_publication().state == State.PUBLISHED
    assert "Changed by hand" not in page(alice, PROFILES)


def test_refusal_is_told_and_can_be_tried_again(alice, platform):
    platform.trouble["publish"].append(Rejected("The platform says: too blue."))
    celery_messages.deliver()
    assert only_publication().state == State.FAILED and "too blue" in page(alice, receipt())
    answer = browser(alice).post(reverse("web:publication_again", args=[only_publication().pk]))
    celery_messages.deliver()
    assert "verified" in page(alice, answer.url) and only_publication().state == State.PUBLISHED


def test_lost_account_leads_to_connecting_again(alice, platform):
    platform.trouble["current"].append(Unauthorized("The token is gone."))
    celery_messages.deliver()
    assert "Reconnect" in page(alice, receipt())


def test_it_can_be_taken_back_before_it_goes(alice):
    browser(alice).post(reverse("web:publication_cancel", args=[only_publication().pk]))
    celery_messages.deliver()
    assert only_publication().state == State.CANCELLED and "You cancelled it" in page(
        alice, receipt()
    )


def test_nothing_to_send_is_said():
    answer = browser(person("bob")).post(reverse("web:send"))
    assert answer.status_code == 409 and "nothing to update" in answer.content.decode()


def test_refresh_sends_after_yes(alice):
    celery_messages.deliver()
    old = only_publication().variant
    new = variant_of(alice, kind="refresh", photo=old.photo)
    type(new).objects.filter(pk=new.pk).update(parent=old)
    answer = browser(alice).post(reverse("web:refresh_yes", args=[new.render_id]), {"use": new.pk})
    celery_messages.deliver()
    assert "/sent/" in answer.url and only_publication().variant == new


@pytest.fixture
def handed(alice):
    """What the same press of the button handed over for LinkedIn."""
    return Publication.objects.get(owner=alice, place="linkedin")


def test_place_without_an_api_takes_part_and_waits_for_the_person(alice, handed):
    assert (handed.state, handed.code) == (State.BLOCKED, "hand_off")
    assert "no way for apps" in handed.message and "Upload it now" in page(alice, receipt())
    assert browser(alice).get(reverse("web:handoff", args=[handed.handoff_id])).status_code == 200
    link = reverse("web:handoff", args=[handed.handoff_id])
    assert UPLOAD in page(alice, PROFILES) and link in page(alice, PROFILES)
    assert "LinkedIn" in page(alice, reverse("web:activity"))
    browser(alice).post(reverse("web:handoff_done", args=[handed.handoff_id]))
    assert UPLOAD not in page(alice, PROFILES)
    assert "Marked done by you" in page(alice, PROFILES)
    handed.refresh_from_db()
    assert handed.state == State.PUBLISHED
    assert "marked done by you" in page(alice, receipt())


def test_next_press_takes_the_place_of_what_still_waits(alice, handed):
    browser(alice).post(reverse("web:send"))
    handed.refresh_from_db()
    newer = Publication.objects.get(place="linkedin", state=State.BLOCKED)
    assert handed.code == "superseded" and newer.handoff_id == handed.handoff_id
    browser(alice).post(reverse("web:handoff_cancel", args=[newer.handoff_id]))
    newer.refresh_from_db()
    assert newer.state == State.CANCELLED


def test_platform_that_takes_no_pictures_any_more_becomes_a_hand_off(alice, platform):
    platform.trouble["publish"].append(ManualActionRequired("Apps may not."))
    celery_messages.deliver()
    sent = only_publication(State.BLOCKED)
    assert sent.handoff.place == SLUG and "Upload it now" in page(alice, receipt())
    browser(alice).post(reverse("web:handoff_done", args=[sent.handoff_id]))
    assert only_publication().state == State.PUBLISHED


def test_changes_show_runs_that_failed_before_anything_was_sent():
    carol = person("carol")
    schedule = daily(carol, name="Every morning")
    now = timezone.now()
    reason = {"message": "There is no usable photo.", "advice": "Add a new one."}
    Run.objects.create(schedule=schedule, due_at=now, planned_at=now, state="failed", **reason)
    text = page(carol, reverse("web:changes"))
    assert "There is no usable photo. Add a new one." in text and "Every morning" in text
    assert "There is no usable photo" not in page(person("dave"), reverse("web:changes"))
