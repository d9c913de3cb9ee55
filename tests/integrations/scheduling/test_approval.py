"""Nothing is sent before the person said yes, where they want to be asked."""

from datetime import timedelta

import pytest
from django.core import mail, signing
from django.urls import reverse

from headshots.models import Variant
from headshots.storage import pictures
from integrations.models import Connection, Publication, Run, ScheduledItem
from integrations.publishing import choices
from integrations.scheduling import runs
from integrations.scheduling import selectors as schedule_selectors
from integrations.scheduling import services as scheduling_services
from integrations.selectors import publications_in_batch
from tests.integrations.scheduling.examples import daily, make_headshot, make_spec
from tests.support import celery_messages
from tests.support.people import browser, patches, unknown_id
from tests.support.platforms.memory_platform import create_connection

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def asking_run(chosen):
    alice = chosen.owner
    run = scheduling_services.run_now(daily(alice, ask_hours=24))
    Run.objects.update(agreed_at=None)
    runs.execute_run(run.pk)
    run.refresh_from_db()
    return run


def test_person_is_asked_with_the_picture_before_anything_is_sent(
    asking_run, alice, account, clock
):
    assert asking_run.state == Run.State.ASKING
    assert asking_run.decide_by == clock.now + timedelta(hours=24)
    assert not Publication.objects.exists()
    (email,) = mail.outbox
    assert email.to == [alice.email] and account.account_name in email.body
    assert schedule_selectors.approval_token(asking_run) in email.body and "2026" in email.body
    (attached,) = email.attachments
    assert attached.mimetype == "image/jpeg" and attached.content[:2] == b"\xff\xd8"


def test_yes_sends_it_once(asking_run, alice):
    assert runs.approve_run(asking_run) and not runs.approve_run(asking_run)
    celery_messages.deliver()
    asking_run.refresh_from_db()
    assert (
        asking_run.state == Run.State.SENT and len(publications_in_batch(alice, asking_run.pk)) == 1
    )
    assert not runs.decline_run(asking_run)


def test_no_sends_nothing(asking_run):
    assert (
        runs.decline_run(asking_run)
        and not runs.approve_run(asking_run)
        and not runs.decline_run(asking_run)
    )
    asking_run.refresh_from_db()
    assert (asking_run.state, asking_run.code) == ("skipped", "declined")
    assert celery_messages.deliver() >= 0 and not Publication.objects.exists()


def test_no_answer_is_a_no(asking_run, clock):
    assert runs.expire_approvals() == 0
    clock.forward(hours=24)
    assert not runs.approve_run(asking_run)
    assert runs.expire_approvals() == 1
    asking_run.refresh_from_db()
    assert (asking_run.state, asking_run.code) == ("skipped", "unanswered")


def test_newer_run_takes_the_question_of_the_older_one_back(asking_run, clock):
    clock.forward(hours=1)
    newer = scheduling_services.run_now(asking_run.schedule)
    runs.execute_run(newer.pk)
    asking_run.refresh_from_db()
    assert (asking_run.state, asking_run.code) == ("skipped", "superseded")


def test_pausing_takes_the_question_back(asking_run):
    scheduling_services.pause_schedule(asking_run.schedule)
    asking_run.refresh_from_db()
    assert asking_run.state == Run.State.SKIPPED and not runs.approve_run(asking_run)


def test_email_opens_its_own_run_and_no_other(asking_run):
    assert (
        schedule_selectors.run_for_approval_token(schedule_selectors.approval_token(asking_run))
        == asking_run
    )
    forged = [
        asking_run.pk.hex,
        f"{asking_run.pk.hex}:guessed",
        "",
        "nothing",
        signing.Signer(salt="another").sign(asking_run.pk.hex),
        schedule_selectors.approval_token(asking_run) + "x",
        signing.Signer(salt=schedule_selectors.APPROVAL_SALT).sign("no id"),
        signing.Signer(salt=schedule_selectors.APPROVAL_SALT).sign(unknown_id().hex),
    ]
    for token in forged:
        with pytest.raises(Run.DoesNotExist):
            schedule_selectors.run_for_approval_token(token)


@pytest.mark.usefixtures("chosen")
def test_person_who_presses_the_button_is_not_asked(alice):
    run = scheduling_services.run_now(daily(alice, ask_hours=24))
    runs.execute_run(run.pk)
    run.refresh_from_db()
    assert run.state == Run.State.SENT and not mail.outbox


def other_headshot(_run, account):
    choices.choose_variant(make_headshot(account.owner), [account.slug])


def another_profile(_run, account):
    second = create_connection(account.owner, account="2")
    assert second.is_connected


def less_profiles(_run, account):
    Connection.objects.filter(pk=account.pk).update(state=Connection.State.ENDED)


def other_picture_of_the_headshot(_run, account):
    file = pictures.store_picture(account.owner.pk, patches(99, side=512))
    Variant.objects.update(picture=file)


def headshot_is_gone(_run, _account):
    Variant.objects.all().delete()


def schedule_is_renamed(run, _account):
    scheduling_services.change_schedule(run.schedule, make_spec(ask_hours=24, name="Another"))


def schedule_sends_something_else(run, account):
    item = ScheduledItem(make_headshot(account.owner).pk)
    scheduling_services.change_schedule(run.schedule, make_spec(ask_hours=24, items=(item,)))


CHANGES = [
    other_headshot,
    another_profile,
    less_profiles,
    other_picture_of_the_headshot,
    headshot_is_gone,
    schedule_is_renamed,
    schedule_sends_something_else,
]


@pytest.mark.parametrize("change", CHANGES)
@pytest.mark.parametrize("is_after_the_yes", [False, True])
def test_yes_is_for_exactly_what_was_shown(asking_run, account, change, is_after_the_yes):
    if is_after_the_yes:
        assert runs.approve_run(asking_run)
    change(asking_run, account)
    assert not runs.approve_run(asking_run)
    celery_messages.deliver()
    asking_run.refresh_from_db()
    assert (asking_run.state, asking_run.code) == ("skipped", "withdrawn") and asking_run.message
    assert not Publication.objects.exists()


def test_page_of_a_question_that_has_changed_offers_no_yes(asking_run, account):
    token = schedule_selectors.approval_token(asking_run)
    path = reverse("web:schedule_answer", args=[token])
    assert 'value="yes"' in browser().get(path).content.decode()
    other_headshot(asking_run, account)
    page = browser().get(path).content.decode()
    assert 'value="yes"' not in page and "has changed since it asked you" in page
    asking_run.refresh_from_db()
    assert asking_run.state == "asking", "a program that opens links changes nothing"
    page = browser().post(path, {"answer": "yes"}, follow=True).content.decode()
    assert "has changed since it asked you" in page and not Publication.objects.exists()


def test_yes_sends_what_was_shown_although_nothing_changed_twice(asking_run, account):
    other = make_headshot(account.owner)
    shown = Variant.objects.exclude(pk=other.pk).get()
    choices.choose_variant(other, [account.slug])
    choices.choose_variant(shown, [account.slug])
    assert runs.approve_run(asking_run)
    celery_messages.deliver()
    assert list(Publication.objects.values_list("variant", flat=True)) == [shown.pk]
