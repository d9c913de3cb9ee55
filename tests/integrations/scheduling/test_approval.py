"""Nothing is sent before the person said yes, where they want to be asked."""

from datetime import timedelta

import pytest
from django.core import mail, signing

from integrations.models import Publication, Run
from integrations.scheduling import runs
from integrations.scheduling import selectors as schedule_selectors
from integrations.scheduling import services as scheduling_services
from integrations.selectors import receipts_of
from tests.integrations.scheduling.examples import daily
from tests.support import celery_messages
from tests.support.people import nobody

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def asked(chosen):
    alice = chosen.owner
    run = scheduling_services.run_now(daily(alice, ask_hours=24))
    Run.objects.update(agreed_at=None)
    runs.play(run.pk)
    run.refresh_from_db()
    return run


def test_person_is_asked_with_the_picture_before_anything_is_sent(asked, alice, account, clock):
    assert asked.state == Run.State.ASKING
    assert asked.decide_by == clock.now + timedelta(hours=24)
    assert not Publication.objects.exists()
    (letter,) = mail.outbox
    assert letter.to == [alice.email] and account.account_name in letter.body
    assert schedule_selectors.token_of(asked) in letter.body and "2026" in letter.body
    (attached,) = letter.attachments
    assert attached.mimetype == "image/jpeg" and attached.content[:2] == b"\xff\xd8"


def test_yes_sends_it_once(asked, alice):
    assert runs.agree(asked) and not runs.agree(asked)
    celery_messages.deliver()
    asked.refresh_from_db()
    assert asked.state == Run.State.SENT and len(receipts_of(alice, asked.pk)) == 1
    assert not runs.decline(asked)


def test_no_sends_nothing(asked):
    assert runs.decline(asked) and not runs.agree(asked) and not runs.decline(asked)
    asked.refresh_from_db()
    assert (asked.state, asked.code) == ("skipped", "declined")
    assert celery_messages.deliver() >= 0 and not Publication.objects.exists()


def test_no_answer_is_a_no(asked, clock):
    assert runs.expire() == 0
    clock.forward(hours=24)
    assert not runs.agree(asked)
    assert runs.expire() == 1
    asked.refresh_from_db()
    assert (asked.state, asked.code) == ("skipped", "unanswered")


def test_newer_run_takes_the_question_of_the_older_one_back(asked, clock):
    clock.forward(hours=1)
    newer = scheduling_services.run_now(asked.schedule)
    runs.play(newer.pk)
    asked.refresh_from_db()
    assert (asked.state, asked.code) == ("skipped", "superseded")


def test_pausing_takes_the_question_back(asked):
    scheduling_services.pause(asked.schedule)
    asked.refresh_from_db()
    assert asked.state == Run.State.SKIPPED and not runs.agree(asked)


def test_letter_opens_its_own_run_and_no_other(asked):
    assert schedule_selectors.run_of_letter(schedule_selectors.token_of(asked)) == asked
    forged = [
        asked.pk.hex,
        f"{asked.pk.hex}:guessed",
        "",
        "nothing",
        signing.Signer(salt="another").sign(asked.pk.hex),
        schedule_selectors.token_of(asked) + "x",
        signing.Signer(salt=schedule_selectors.SALT).sign("no id"),
        signing.Signer(salt=schedule_selectors.SALT).sign(nobody().hex),
    ]
    for token in forged:
        with pytest.raises(Run.DoesNotExist):
            schedule_selectors.run_of_letter(token)


@pytest.mark.usefixtures("chosen")
def test_person_who_presses_the_button_is_not_asked(alice):
    run = scheduling_services.run_now(daily(alice, ask_hours=24))
    runs.play(run.pk)
    run.refresh_from_db()
    assert run.state == Run.State.SENT and not mail.outbox
