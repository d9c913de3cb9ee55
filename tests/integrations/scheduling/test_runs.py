"""What a run sends, and what it makes anew."""

from datetime import timedelta

import pytest
from django.conf import settings
from django.core import mail
from django.utils import timezone

from headshots.errors import NotReady
from headshots.models import Photo, Render, Variant
from integrations.models import Publication, Run, ScheduledItem
from integrations.scheduling import dispatcher, runs
from integrations.scheduling import selectors as schedule_selectors
from integrations.scheduling import services as scheduling_services
from integrations.selectors import publications_in_batch
from integrations.tasks import execute_runs, process_due_work
from tests.integrations.scheduling.examples import Kind, daily, make_headshot, make_spec
from tests.support import celery_messages
from tests.support.concurrency import together
from tests.support.people import person, photo_of, unknown_id
from tests.support.platforms.memory_platform import create_connection

pytestmark = pytest.mark.django_db(transaction=True)


def test_run_sends_what_is_chosen_for_each_profile(alice, chosen, account, clock):
    schedule = daily(alice)
    clock.set("2026-11-25T09:00")
    dispatcher.dispatch_due()
    celery_messages.deliver()
    (run,) = schedule_selectors.runs_of(alice)
    (sent,) = publications_in_batch(alice, run.pk)
    assert run.state == Run.State.SENT
    assert (sent.variant, sent.connection, sent.origin) == (chosen, account, schedule.pk)
    assert sent.due_at == run.planned_at


@pytest.mark.usefixtures("account", "clock")
def test_run_sends_a_fixed_headshot_to_the_profiles_it_names(alice):
    other = create_connection(alice, account="2")
    fixed = make_headshot(alice)
    run = scheduling_services.run_now(
        daily(alice, items=(ScheduledItem(fixed.pk),), profiles=(str(other.pk),))
    )
    celery_messages.deliver()
    assert [
        (publication.variant, publication.connection)
        for publication in publications_in_batch(alice, run.pk)
    ] == [(fixed, other)]


@pytest.mark.usefixtures("chosen")
def test_run_told_twice_sends_once(alice):
    run = scheduling_services.run_now(daily(alice))
    together(*[lambda: runs.execute_run(run.pk)] * 4)
    runs.execute_run(run.pk)
    assert Publication.objects.count() == 1


@pytest.mark.usefixtures("chosen")
def test_trouble_with_one_run_does_not_hold_up_those_told_with_it(alice, monkeypatch):
    mine = [scheduling_services.run_now(daily(alice)) for _ in range(3)]
    go_on = runs._take_next_step

    def stumble(run):
        if run == mine[1]:
            raise OSError("no mail server")
        go_on(run)

    monkeypatch.setattr(runs, "_take_next_step", stumble)
    with pytest.raises(OSError, match="mail"):
        execute_runs(*(str(run.pk) for run in mine))
    states = [Run.objects.get(pk=run.pk).state for run in mine]
    assert states == [Run.State.SENT, Run.State.WAITING, Run.State.SENT]


@pytest.mark.usefixtures("chosen")
def test_lost_message_or_worker_is_made_up_for(alice, clock):
    run = scheduling_services.run_now(daily(alice))
    celery_messages.lose()
    Run.objects.update(claim=unknown_id())  # and the worker that took it is gone
    assert runs.enqueue_stalled_runs() == 0
    clock.forward(seconds=settings.SCHEDULE_LEASE_SECONDS + 1)
    assert runs.enqueue_stalled_runs() == 1
    celery_messages.deliver()
    run.refresh_from_db()
    assert run.state == Run.State.SENT


@pytest.mark.usefixtures("account")
def test_run_without_anything_to_send_says_so(alice):
    run = scheduling_services.run_now(daily(alice))
    runs.execute_run(run.pk)
    run.refresh_from_db()
    assert (run.state, run.code) == ("failed", "not_here") and run.message and run.advice


@pytest.mark.usefixtures("account")
def test_person_is_told_once_that_nothing_could_be_sent(alice, clock):
    schedule = daily(alice, name="Mornings\nBcc: carol@example.com")
    for _ in range(3):
        runs.execute_run(scheduling_services.run_now(schedule).pk)
        clock.forward(hours=1)
    (email,) = mail.outbox
    assert email.to == [alice.email]
    assert email.recipients() == [alice.email] and email.subject.startswith("Mornings Bcc")
    assert schedule.runs.first().message in email.body


@pytest.mark.usefixtures("chosen")
def test_headshot_of_another_face_is_not_sent(alice):
    Variant.objects.update(likeness=0.9)
    run = scheduling_services.run_now(daily(alice))
    runs.execute_run(run.pk)
    run.refresh_from_db()
    assert (run.state, run.code) == ("failed", "not_you")
    assert not Publication.objects.exists()


@pytest.mark.usefixtures("chosen")
def test_run_whose_worker_ends_every_time_is_given_up(alice):
    run = scheduling_services.run_now(daily(alice))
    Run.objects.update(attempts=runs.MAX_ATTEMPTS)
    runs.execute_run(run.pk)
    run.refresh_from_db()
    assert (run.state, run.code) == ("failed", "not_ready")


def finish_render(render, state=Variant.State.READY):
    """What a worker would have made of a render."""
    ready = make_headshot(render.owner)
    for variant in render.variants.all():
        variant.picture, variant.likeness, variant.state = ready.picture, 0.2, state
        variant.reason = "" if state == Variant.State.READY else "The face is too dark."
        variant.save()
    Render.objects.filter(pk=render.pk).update(finished_at=timezone.now())


@pytest.mark.usefixtures("account")
def test_run_makes_the_chosen_headshot_anew_and_sends_that(alice, chosen):
    photo = photo_of(alice, seed=5)
    Photo.objects.filter(pk=photo.pk).update(added_at=timezone.now() + timedelta(days=9))
    run = scheduling_services.run_now(daily(alice, items=(ScheduledItem(anew=True),)))
    runs.execute_run(run.pk)
    run.refresh_from_db()
    celery_messages.lose()
    assert run.state == Run.State.MAKING and list(run.render.photos.all()) == [photo]
    assert runs.enqueue_stalled_runs() == 0  # it is still being made
    finish_render(run.render)
    process_due_work()
    celery_messages.deliver()
    (sent,) = publications_in_batch(alice, run.pk)
    assert sent.variant.parent == chosen
    assert alice.choices.get(current=True).variant == sent.variant


def test_run_that_cannot_make_anything_says_why(alice, chosen):
    run = scheduling_services.run_now(daily(alice, items=(ScheduledItem(chosen.pk, anew=True),)))
    runs.execute_run(run.pk)
    run.refresh_from_db()
    finish_render(run.render, Variant.State.REJECTED)
    runs.execute_run(run.pk)
    run.refresh_from_db()
    assert (run.state, run.message) == ("failed", "The face is too dark.")


@pytest.mark.usefixtures("chosen")
def test_without_a_usable_photo_nothing_is_made_anew(alice):
    Photo.objects.update(state=Photo.State.REFUSED)
    run = scheduling_services.run_now(daily(alice, items=(ScheduledItem(anew=True),)))
    runs.execute_run(run.pk)
    run.refresh_from_db()
    assert (run.state, run.code) == ("failed", NotReady.code)


# After a new selfie.


@pytest.mark.usefixtures("chosen")
def test_new_selfie_runs_the_schedule_once_it_is_usable(alice, clock):
    schedule = scheduling_services.create_schedule(
        alice, make_spec(Kind.PHOTO, items=(ScheduledItem(anew=True),))
    )
    assert dispatcher.start_photo_runs() == []
    clock.forward(hours=1)
    photo = photo_of(alice, seed=8, state=Photo.State.CHECKING, added_at=clock.now)
    assert dispatcher.start_photo_runs() == []
    Photo.objects.filter(pk=photo.pk).update(state=Photo.State.USABLE)
    (run,) = dispatcher.start_photo_runs()
    assert dispatcher.start_photo_runs() == []
    assert (run.schedule, run.due_at) == (schedule, photo.added_at)
    runs.execute_run(run.pk)
    run.refresh_from_db()
    assert list(run.render.photos.all()) == [photo]


def test_several_selfies_at_once_are_one_run_and_one_for_two_clocks(alice, clock):
    scheduling_services.create_schedule(alice, make_spec(Kind.PHOTO))
    for seed in range(3):
        clock.forward(minutes=1)
        photo_of(alice, seed=seed, added_at=clock.now)
    results = together(
        dispatcher.start_photo_runs, dispatcher.start_photo_runs, dispatcher.start_photo_runs
    )
    assert [len(new_runs) for new_runs in sorted(results, key=len)] == [0, 0, 1]


def test_refused_or_old_selfie_runs_nothing(alice, clock):
    photo_of(alice, seed=1, added_at=clock.now - timedelta(days=1))
    scheduling_services.create_schedule(alice, make_spec(Kind.PHOTO))
    clock.forward(hours=1)
    photo_of(alice, seed=2, state=Photo.State.REFUSED, added_at=clock.now)
    photo_of(person("bob"), seed=3, added_at=clock.now)
    assert dispatcher.start_photo_runs() == []
