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
from integrations.places import AVATAR, frames
from integrations.public_profiles import name_in, read
from integrations.publishing import handoffs
from integrations.selectors import current_choices, handoff_at, waiting_handoffs
from tests.support import celery_messages
from tests.support.people import jpeg, patches, person, sheet_of, variant_of
from tests.support.scripted_server import Told

pytestmark = pytest.mark.django_db


@pytest.fixture
def alice():
    return person("alice")


@pytest.fixture
def github(script, monkeypatch):
    """GitHub as its documentation has it: the user names the address of the picture."""
    frame = replace(frames()["github"], public=f"{script.url}/users/{{name}}")
    monkeypatch.setitem(frames(), "github", frame)
    user = {"login": "alice", "avatar_url": f"{script.url}/u/1?v=4"}
    script.answers["GET /users/alice"] = Told(body=json.dumps(user).encode())
    script.answers["GET /u/1"] = Told(body=jpeg(patches(3, side=512)))
    return script


def show(github, variant):
    github.answers["GET /u/1"] = Told(body=pictures.read(variant.picture, "400"))


def test_one_hand_off_waits_a_place_and_the_newest_wins(alice):
    first, second, _ = sheet_of(alice).variants.all()
    old = handoffs.begin(first, "linkedin")
    assert handoffs.begin(first, "linkedin") == old
    new = handoffs.begin(second, "linkedin")
    other = handoffs.begin(second, "github")
    assert set(waiting_handoffs(alice)) == {new, other}
    assert HandOff.objects.get(pk=old.pk).state == "cancelled"
    assert current_choices(alice)["linkedin"].variant_id == second.pk


def test_only_ones_own_ready_headshot_is_handed_over(alice):
    variant = variant_of(alice)
    for likeness, state, place, refusal in (
        (0.2, "ready", "moon", UnknownPlace),
        (0.2, "ready", AVATAR, ActionNotAvailable),
        (0.2, "waiting", "linkedin", NotPublishable),
        (None, "ready", "linkedin", NotOwner),
    ):
        variant.likeness, variant.state = likeness, state
        with pytest.raises(refusal):
            handoffs.begin(variant, place)
    assert not HandOff.objects.exists()


def test_said_once_is_said(alice):
    handoff = handoffs.begin(variant_of(alice), "linkedin")
    assert handoffs.done(handoff) and not handoffs.done(handoff)
    assert not handoffs.cancel(handoff)
    assert handoff.state == "done" and handoff.ended_at and handoff.done_at


def test_ends_by_itself_when_the_new_picture_shows(alice, github):
    variant = variant_of(alice)
    handoff = handoffs.begin(variant, "github")
    handoffs.introduce(handoff, "https://github.com/alice/")
    assert not handoffs.look(handoff.pk)
    show(github, variant)
    assert handoffs.look(handoff.pk)
    handoff.refresh_from_db()
    assert handoff.state == "seen" and handoff.look_at is None
    assert not any(
        {"cookie", "authorization"} & set(map(str.lower, asked.headers)) for asked in github.asked
    )


def test_what_the_person_said_is_looked_at_too(alice, github):
    variant = variant_of(alice)
    handoff = handoffs.begin(variant, "github")
    handoffs.introduce(handoff, "alice")
    handoffs.done(handoff)
    show(github, variant)
    assert handoffs.look(handoff.pk)


@pytest.mark.parametrize(
    ("answer", "note"),
    [
        (Told(404), "knows nobody called alice"),
        (Told(403), "looks again"),
        (Told(500), "looks again"),
        (Told(body=b"<html>"), "looks again"),
        (Told(body=b'{"login": "alice"}'), "looks again"),
    ],
)
def test_look_that_fails_says_so_and_changes_nothing(alice, github, answer, note):
    github.answers["GET /users/alice"] = answer
    handoff = handoffs.begin(variant_of(alice), "github")
    handoffs.introduce(handoff, "alice")
    assert not handoffs.look(handoff.pk)
    handoff.refresh_from_db()
    assert handoff.is_waiting and note in handoff.note


def test_place_that_has_had_enough_rests_for_everybody_and_costs_no_look(alice, github):
    """GitHub answers an address sixty times an hour, however many people look from there."""
    again = timezone.now() + timedelta(minutes=40)
    spent = {"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": f"{again.timestamp():.0f}"}
    github.answers["GET /users/alice"] = Told(403, headers=spent)
    mine, theirs = (handoffs.begin(variant_of(owner), "github") for owner in (alice, person("bob")))
    handoffs.introduce(mine, "alice")
    handoffs.introduce(theirs, "bob")
    HandOff.objects.filter(pk=mine.pk).update(looks=handoffs.LOOKS, look_at=None)  # the last look
    assert not handoffs.look(mine.pk)
    for one in (mine, theirs):
        one.refresh_from_db()
        assert abs(one.look_at - again) < timedelta(minutes=1)
    assert mine.looks == handoffs.LOOKS - 1


def test_picture_that_is_none_is_not_the_new_one(alice, github):
    github.answers["GET /u/1"] = Told(body=b"not a picture")
    handoff = handoffs.begin(variant_of(alice), "github")
    handoffs.introduce(handoff, "alice")
    assert not handoffs.look(handoff.pk)


def test_public_name_is_given_once(alice):
    first, second, _ = sheet_of(alice).variants.all()
    begun = handoffs.begin(first, "github")
    assert begun.look_at is None
    handoffs.introduce(begun, "alice")
    again = handoffs.begin(second, "github")
    assert again.public_name == "alice" and again.look_at
    assert PublicName.objects.count() == 1


def test_nobody_looks_where_nobody_can(alice):
    handoff = handoffs.begin(variant_of(alice), "linkedin")
    with pytest.raises(ActionNotAvailable):
        handoffs.introduce(handoff, "alice")
    assert not handoffs.look(handoff.pk)


@pytest.mark.parametrize("text", ["", "a b", "..", "a/../..", "x?y=1", "é", "a" * 101])
def test_name_that_is_none_is_refused(text):
    with pytest.raises(BadName):
        name_in(text)


def test_only_the_host_of_the_data_file_is_asked():
    frame = replace(frames()["github"], public="https://169.254.169.254/{name}")
    with pytest.raises(ForbiddenAddress):
        read(frame, "alice")


def test_looks_are_claimed_once_further_apart_and_end(alice):
    handoff = handoffs.begin(variant_of(alice), "github")
    handoffs.introduce(handoff, "alice")
    waits = []
    while HandOff.objects.get().look_at:
        HandOff.objects.update(look_at=timezone.now() - timedelta(seconds=1))
        celery_messages.lose()
        assert handoffs.tell_due() == 1 and handoffs.tell_due() == 0
        waits.append(HandOff.objects.get().look_at)
    assert len(waits) == handoffs.LOOKS + 1
    gaps = [after - before for before, after in pairwise(waits[:-1])]
    assert max(gaps) <= handoffs.LONGEST + timedelta(minutes=1)


def test_link_opens_one_hand_off_and_no_other(alice):
    variant = variant_of(alice)
    handoff = handoffs.begin(variant, "linkedin")
    assert handoff_at(handoff.link) == handoff
    other = handoffs.begin(variant, "github")
    swapped = other.link.split(":", 1)[0] + ":" + handoff.link.split(":", 1)[1]
    for forged in (swapped, handoff.link[:-1], "x", handoff.link.replace(":", "", 1)):
        with pytest.raises(HandOff.DoesNotExist):
            handoff_at(forged)
    handoffs.cancel(handoff)
    with pytest.raises(HandOff.DoesNotExist):
        handoff_at(handoff.link)
