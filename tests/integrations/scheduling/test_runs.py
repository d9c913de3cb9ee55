"""What a run sends, and what it makes anew."""

from datetime import timedelta

import pytest
from django.conf import settings
from django.core import mail
from django.utils import timezone

from headshots.errors import NotReady
from headshots.models import Photo, Render, Variant
from integrations.models import Piece, Publication, Run
from integrations.scheduling import dispatcher, runs
from integrations.scheduling import selectors as schedule_selectors
from integrations.scheduling import services as scheduling_services
from integrations.selectors import receipts_of
from integrations.tasks import play, tick
from tests.integrations.scheduling.examples import Kind, daily, look, plan
from tests.support import celery_messages
from tests.support.concurrency import together
from tests.support.memory_platform import connected
from tests.support.people import nobody, person, photo_of

pytestmark = pytest.mark.django_db(transaction=True)


def test_run_sends_what_is_chosen_for_each_profile(alice, chosen, account, clock):
    schedule = daily(alice)
    clock.set("2026-11-25T09:00")
    dispatcher.hand_over()
    celery_messages.deliver()
    (run,) = schedule_selectors.runs_of(alice)
    (sent,) = receipts_of(alice, run.pk)
    assert run.state == Run.State.SENT
    assert (sent.variant, sent.connection, sent.origin) == (chosen, account, schedule.pk)
    assert sent.due_at == run.planned_at


@pytest.mark.usefixtures("account", "clock")
def test_run_sends_a_fixed_headshot_to_the_profiles_it_names(alice):
    other = connected(alice, account="2")
    fixed = look(alice)
    run = scheduling_services.run_now(
        daily(alice, pieces=(Piece(fixed.pk),), profiles=(str(other.pk),))
    )
    celery_messages.deliver()
    assert [(one.variant, one.connection) for one in receipts_of(alice, run.pk)] == [(fixed, other)]


@pytest.mark.usefixtures("chosen")
def test_run_told_twice_sends_once(alice):
    run = scheduling_services.run_now(daily(alice))
    together(*[lambda: runs.play(run.pk)] * 4)
    runs.play(run.pk)
    assert Publication.objects.count() == 1


@pytest.mark.usefixtures("chosen")
def test_trouble_with_one_run_does_not_hold_up_those_told_with_it(alice, monkeypatch):
    mine = [scheduling_services.run_now(daily(alice)) for _ in range(3)]
    go_on = runs._go_on

    def stumble(run):
        if run == mine[1]:
            raise OSError("no mail server")
        go_on(run)

    monkeypatch.setattr(runs, "_go_on", stumble)
    with pytest.raises(OSError, match="mail"):
        play(*(str(run.pk) for run in mine))
    states = [Run.objects.get(pk=run.pk).state for run in mine]
    assert states == [Run.State.SENT, Run.State.WAITING, Run.State.SENT]


@pytest.mark.usefixtures("chosen")
def test_lost_message_or_worker_is_made_up_for(alice, clock):
    run = scheduling_services.run_now(daily(alice))
    celery_messages.lose()
    Run.objects.update(claim=nobody())  # and the worker that took it is gone
    assert runs.tell_again() == 0
    clock.forward(seconds=settings.SCHEDULE_LEASE_SECONDS + 1)
    assert runs.tell_again() == 1
    celery_messages.deliver()
    run.refresh_from_db()
    assert run.state == Run.State.SENT


@pytest.mark.usefixtures("account")
def test_run_without_anything_to_send_says_so(alice):
    run = scheduling_services.run_now(daily(alice))
    runs.play(run.pk)
    run.refresh_from_db()
    assert (run.state, run.code) == ("failed", "not_here") and run.words and run.advice


@pytest.mark.usefixtures("account")
def test_person_is_told_once_that_nothing_could_be_sent(alice, clock):
    schedule = daily(alice, name="Mornings\nBcc: carol@example.com")
    for _ in range(3):
        runs.play(scheduling_services.run_now(schedule).pk)
        clock.forward(hours=1)
    (letter,) = mail.outbox
    assert letter.to == [alice.email]
    assert letter.recipients() == [alice.email] and letter.subject.startswith("Mornings Bcc")
    assert schedule.runs.first().words in letter.body


@pytest.mark.usefixtures("chosen")
def test_headshot_of_another_face_is_not_sent(alice):
    Variant.objects.update(likeness=0.9)
    run = scheduling_services.run_now(daily(alice))
    runs.play(run.pk)
    run.refresh_from_db()
    assert (run.state, run.code) == ("failed", "not_you")
    assert not Publication.objects.exists()


@pytest.mark.usefixtures("chosen")
def test_run_whose_worker_ends_every_time_is_given_up(alice):
    run = scheduling_services.run_now(daily(alice))
    Run.objects.update(attempts=runs.ATTEMPTS)
    runs.play(run.pk)
    run.refresh_from_db()
    assert (run.state, run.code) == ("failed", "not_ready")


def made(render, state=Variant.State.READY):
    """What a worker would have made of a render."""
    ready = look(render.owner)
    for wished in render.variants.all():
        wished.picture, wished.likeness, wished.state = ready.picture, 0.2, state
        wished.reason = "" if state == Variant.State.READY else "The face is too dark."
        wished.save()
    Render.objects.filter(pk=render.pk).update(finished_at=timezone.now())


@pytest.mark.usefixtures("account")
def test_run_makes_the_chosen_headshot_anew_and_sends_that(alice, chosen):
    photo = photo_of(alice, seed=5)
    Photo.objects.filter(pk=photo.pk).update(added_at=timezone.now() + timedelta(days=9))
    run = scheduling_services.run_now(daily(alice, pieces=(Piece(anew=True),)))
    runs.play(run.pk)
    run.refresh_from_db()
    celery_messages.lose()
    assert run.state == Run.State.MAKING and list(run.render.photos.all()) == [photo]
    assert runs.tell_again() == 0  # it is still being made
    made(run.render)
    tick()
    celery_messages.deliver()
    (sent,) = receipts_of(alice, run.pk)
    assert sent.variant.parent == chosen
    assert alice.choices.get(current=True).variant == sent.variant


def test_run_that_cannot_make_anything_says_why(alice, chosen):
    run = scheduling_services.run_now(daily(alice, pieces=(Piece(chosen.pk, anew=True),)))
    runs.play(run.pk)
    run.refresh_from_db()
    made(run.render, Variant.State.REJECTED)
    runs.play(run.pk)
    run.refresh_from_db()
    assert (run.state, run.words) == ("failed", "The face is too dark.")


@pytest.mark.usefixtures("chosen")
def test_without_a_usable_photo_nothing_is_made_anew(alice):
    Photo.objects.update(state=Photo.State.REFUSED)
    run = scheduling_services.run_now(daily(alice, pieces=(Piece(anew=True),)))
    runs.play(run.pk)
    run.refresh_from_db()
    assert (run.state, run.code) == ("failed", NotReady.code)


# After a new selfie.


@pytest.mark.usefixtures("chosen")
def test_new_selfie_runs_the_schedule_once_it_is_usable(alice, clock):
    schedule = scheduling_services.create(alice, plan(Kind.PHOTO, pieces=(Piece(anew=True),)))
    assert dispatcher.selfies() == []
    clock.forward(hours=1)
    photo = photo_of(alice, seed=8, state=Photo.State.CHECKING, added_at=clock.now)
    assert dispatcher.selfies() == []
    Photo.objects.filter(pk=photo.pk).update(state=Photo.State.USABLE)
    (run,) = dispatcher.selfies()
    assert dispatcher.selfies() == []
    assert (run.schedule, run.due_at) == (schedule, photo.added_at)
    runs.play(run.pk)
    run.refresh_from_db()
    assert list(run.render.photos.all()) == [photo]


def test_several_selfies_at_once_are_one_run_and_one_for_two_clocks(alice, clock):
    scheduling_services.create(alice, plan(Kind.PHOTO))
    for seed in range(3):
        clock.forward(minutes=1)
        photo_of(alice, seed=seed, added_at=clock.now)
    found = together(dispatcher.selfies, dispatcher.selfies, dispatcher.selfies)
    assert [len(one) for one in sorted(found, key=len)] == [0, 0, 1]


def test_refused_or_old_selfie_runs_nothing(alice, clock):
    photo_of(alice, seed=1, added_at=clock.now - timedelta(days=1))
    scheduling_services.create(alice, plan(Kind.PHOTO))
    clock.forward(hours=1)
    photo_of(alice, seed=2, state=Photo.State.REFUSED, added_at=clock.now)
    photo_of(person("bob"), seed=3, added_at=clock.now)
    assert dispatcher.selfies() == []
