"""What is handed over: begun once a place, ended by the person or by a look, never by a guess."""

import json
from dataclasses import replace
from datetime import timedelta
from itertools import pairwise

import pytest
from django.utils import timezone

from headshots.storage import pictures
from integrations.errors import (
    ActionNotAvailable,
    BadName,
    ForbiddenAddress,
    NotOwner,
    NotPublishable,
    UnknownPlace,
)
from integrations.models import HandOff, PublicName
from integrations.places import AVATAR_SLUG, all_places
from integrations.public_profiles import fetch_public_picture, parse_public_name
from integrations.publishing import handoffs
from integrations.selectors import current_choices, handoff_for_link, waiting_handoffs
from tests.support import celery_messages
from tests.support.people import jpeg, patches, person, sheet_of, variant_of
from tests.support.platforms.scripted_server import ScriptedResponse

pytestmark = pytest.mark.django_db


@pytest.fixture
def alice():
    return person("alice")


@pytest.fixture
def github(script, monkeypatch):
    """GitHub as its documentation has it: the user names the address of the picture."""
    place = replace(all_places()["github"], public=f"{script.url}/users/{{name}}")
    monkeypatch.setitem(all_places(), "github", place)
    user = {"login": "alice", "avatar_url": f"{script.url}/u/1?v=4"}
    script.responses["GET /users/alice"] = ScriptedResponse(body=json.dumps(user).encode())
    script.responses["GET /u/1"] = ScriptedResponse(body=jpeg(patches(3, side=512)))
    return script


def show(github, variant):
    github.responses["GET /u/1"] = ScriptedResponse(body=pictures.read_file(variant.picture, "400"))


def test_one_hand_off_waits_a_place_and_the_newest_wins(alice):
    first, second, _ = sheet_of(alice).variants.all()
    old = handoffs.begin_handoff(first, "linkedin")
    assert handoffs.begin_handoff(first, "linkedin") == old
    new = handoffs.begin_handoff(second, "linkedin")
    other = handoffs.begin_handoff(second, "github")
    assert set(waiting_handoffs(alice)) == {new, other}
    assert HandOff.objects.get(pk=old.pk).state == "cancelled"
    assert current_choices(alice)["linkedin"].variant_id == second.pk


def test_only_ones_own_ready_headshot_is_handed_over(alice):
    variant = variant_of(alice)
    for likeness, state, place, refusal in (
        (0.2, "ready", "moon", UnknownPlace),
        (0.2, "ready", AVATAR_SLUG, ActionNotAvailable),
        (0.2, "waiting", "linkedin", NotPublishable),
        (None, "ready", "linkedin", NotOwner),
    ):
        variant.likeness, variant.state = likeness, state
        with pytest.raises(refusal):
            handoffs.begin_handoff(variant, place)
    assert not HandOff.objects.exists()


def test_said_once_is_said(alice):
    handoff = handoffs.begin_handoff(variant_of(alice), "linkedin")
    assert handoffs.mark_done(handoff) and not handoffs.mark_done(handoff)
    assert not handoffs.cancel_handoff(handoff)
    assert handoff.state == "done" and handoff.ended_at and handoff.done_at


def test_ends_by_itself_when_the_new_picture_shows(alice, github):
    variant = variant_of(alice)
    handoff = handoffs.begin_handoff(variant, "github")
    handoffs.set_public_name(handoff, "https://github.com/alice/")
    assert not handoffs.poll_public_picture(handoff.pk)
    show(github, variant)
    assert handoffs.poll_public_picture(handoff.pk)
    handoff.refresh_from_db()
    assert handoff.state == "seen" and handoff.next_poll_at is None
    assert not any(
        {"cookie", "authorization"} & set(map(str.lower, recorded.headers))
        for recorded in github.requests
    )


def test_what_the_person_said_is_looked_at_too(alice, github):
    variant = variant_of(alice)
    handoff = handoffs.begin_handoff(variant, "github")
    handoffs.set_public_name(handoff, "alice")
    handoffs.mark_done(handoff)
    show(github, variant)
    assert handoffs.poll_public_picture(handoff.pk)


@pytest.mark.parametrize(
    ("answer", "note"),
    [
        (ScriptedResponse(404), "knows nobody called alice"),
        (ScriptedResponse(403), "looks again"),
        (ScriptedResponse(500), "looks again"),
        (ScriptedResponse(body=b"<html>"), "looks again"),
        (ScriptedResponse(body=b'{"login": "alice"}'), "looks again"),
    ],
)
def test_look_that_fails_says_so_and_changes_nothing(alice, github, answer, note):
    github.responses["GET /users/alice"] = answer
    handoff = handoffs.begin_handoff(variant_of(alice), "github")
    handoffs.set_public_name(handoff, "alice")
    assert not handoffs.poll_public_picture(handoff.pk)
    handoff.refresh_from_db()
    assert handoff.is_waiting and note in handoff.note


def test_place_that_has_had_enough_rests_for_everybody_and_costs_no_look(alice, github):
    """GitHub answers an address sixty times an hour, however many people look from there."""
    again = timezone.now() + timedelta(minutes=40)
    spent = {"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": f"{again.timestamp():.0f}"}
    github.responses["GET /users/alice"] = ScriptedResponse(403, headers=spent)
    mine, theirs = (
        handoffs.begin_handoff(variant_of(owner), "github") for owner in (alice, person("bob"))
    )
    handoffs.set_public_name(mine, "alice")
    handoffs.set_public_name(theirs, "bob")
    HandOff.objects.filter(pk=mine.pk).update(
        poll_count=handoffs.MAX_POLLS, next_poll_at=None
    )  # the last look
    assert not handoffs.poll_public_picture(mine.pk)
    for handoff in (mine, theirs):
        handoff.refresh_from_db()
        assert abs(handoff.next_poll_at - again) < timedelta(minutes=1)
    assert mine.poll_count == handoffs.MAX_POLLS - 1


def test_picture_that_is_none_is_not_the_new_one(alice, github):
    github.responses["GET /u/1"] = ScriptedResponse(body=b"not a picture")
    handoff = handoffs.begin_handoff(variant_of(alice), "github")
    handoffs.set_public_name(handoff, "alice")
    assert not handoffs.poll_public_picture(handoff.pk)


def test_public_name_is_given_once(alice):
    first, second, _ = sheet_of(alice).variants.all()
    begun = handoffs.begin_handoff(first, "github")
    assert begun.next_poll_at is None
    handoffs.set_public_name(begun, "alice")
    again = handoffs.begin_handoff(second, "github")
    assert again.public_name == "alice" and again.next_poll_at
    assert PublicName.objects.count() == 1


def test_nobody_looks_where_nobody_can(alice):
    handoff = handoffs.begin_handoff(variant_of(alice), "linkedin")
    with pytest.raises(ActionNotAvailable):
        handoffs.set_public_name(handoff, "alice")
    assert not handoffs.poll_public_picture(handoff.pk)


@pytest.mark.parametrize("text", ["", "a b", "..", "a/../..", "x?y=1", "é", "a" * 101])
def test_name_that_is_none_is_refused(text):
    with pytest.raises(BadName):
        parse_public_name(text)


def test_only_the_host_of_the_data_file_is_asked():
    place = replace(all_places()["github"], public="https://169.254.169.254/{name}")
    with pytest.raises(ForbiddenAddress):
        fetch_public_picture(place, "alice")


def test_looks_are_claimed_once_further_apart_and_end(alice):
    handoff = handoffs.begin_handoff(variant_of(alice), "github")
    handoffs.set_public_name(handoff, "alice")
    waits = []
    while HandOff.objects.get().next_poll_at:
        HandOff.objects.update(next_poll_at=timezone.now() - timedelta(seconds=1))
        celery_messages.lose()
        assert handoffs.enqueue_due_polls() == 1 and handoffs.enqueue_due_polls() == 0
        waits.append(HandOff.objects.get().next_poll_at)
    assert len(waits) == handoffs.MAX_POLLS + 1
    gaps = [after - before for before, after in pairwise(waits[:-1])]
    assert max(gaps) <= handoffs.MAX_POLL_DELAY + timedelta(minutes=1)


def test_link_opens_one_hand_off_and_no_other(alice):
    variant = variant_of(alice)
    handoff = handoffs.begin_handoff(variant, "linkedin")
    assert handoff_for_link(handoff.link) == handoff
    other = handoffs.begin_handoff(variant, "github")
    swapped = other.link.split(":", 1)[0] + ":" + handoff.link.split(":", 1)[1]
    for forged in (swapped, handoff.link[:-1], "x", handoff.link.replace(":", "", 1)):
        with pytest.raises(HandOff.DoesNotExist):
            handoff_for_link(forged)
    handoffs.cancel_handoff(handoff)
    with pytest.raises(HandOff.DoesNotExist):
        handoff_for_link(handoff.link)
