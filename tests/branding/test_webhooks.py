"""Webhooks: each event is sent once, signed and retried; addresses in a network are refused."""

import json
from datetime import datetime, timedelta
from urllib.parse import urlsplit

import pytest
from django.core.management import call_command
from django.urls import reverse
from django.utils import timezone

from branding.juries import services as juries
from branding.juries.models import Jury
from branding.webhooks import services
from branding.webhooks.models import Delivery, EventType, Webhook
from headshots.errors import PhotoLimitReached
from headshots.models import Render
from integrations.errors import ForbiddenAddress
from integrations.models import Grant
from integrations.publishing import choices
from integrations.publishing import services as publishing_services
from integrations.recurrence import Rule, Unit
from integrations.scheduling import services as scheduling_services
from integrations.scheduling.services import ScheduleSpec
from tests.support import celery_messages
from tests.support.people import browser, jpeg, patches, person, sheet_of, variant_of
from tests.support.platforms.memory_platform import SLUG, create_connection, put_in_registry
from tests.support.platforms.scripted_server import ScriptedResponse, ScriptedServer

pytestmark = pytest.mark.django_db(transaction=True)
EVERY = [event for event in EventType.values if event != EventType.TEST]


@pytest.fixture
def alice():
    celery_messages.lose()
    return person("alice")


@pytest.fixture
def receiver():
    """A server that receives webhooks at /hook."""
    program = ScriptedServer()
    program.responses["POST /hook"] = ScriptedResponse(204, b"")
    yield program
    program.close()


@pytest.fixture
def webhook(alice, receiver):
    created, receiver.secret = services.create_webhook(alice, f"{receiver.url}/hook", EVERY)
    return created


def run_webhook_tasks():
    services.record_new_events()
    services.enqueue_due_deliveries()
    celery_messages.deliver()


def finished_render(owner):
    render = sheet_of(owner, count=1)
    Render.objects.filter(pk=render.pk).update(finished_at=timezone.now())
    return render


def test_finished_sheet_is_told_once_and_signed(alice, webhook, receiver):  # noqa: ARG001
    render = finished_render(alice)
    run_webhook_tasks()
    run_webhook_tasks()
    (request,) = receiver.requests
    message = json.loads(request.body)
    assert message["type"] == "render.finished" and message["data"]["render"] == str(render.pk)
    signature = services.sign_message(
        receiver.secret,
        message_id=request.headers["webhook-id"],
        moment=int(request.headers["webhook-timestamp"]),
        payload=request.body.decode(),
    )
    assert request.headers["webhook-signature"] == signature
    assert Delivery.objects.get().state == "delivered"


def test_signature_is_the_one_of_the_specification():
    """The example of the scheme's reference libraries."""
    signature = services.sign_message(
        "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
        message_id="msg_p5jXN8AQM9LWM0D4loKWxJek",
        moment=1614265330,
        payload='{"test": 2432232314}',
    )
    assert signature == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def test_every_turn_of_a_publication_is_told(alice, webhook, receiver, monkeypatch):  # noqa: ARG001
    platform = put_in_registry(monkeypatch)
    platform.by_hand(jpeg(patches(90, side=256)))
    variant = variant_of(alice)
    create_connection(alice)
    choices.choose_variant(variant, [SLUG, "linkedin"])
    publishing_services.publish_chosen(alice)
    celery_messages.deliver()
    run_webhook_tasks()
    platform.by_hand(jpeg(patches(91, side=256)))
    publishing_services.publish_chosen(alice)
    celery_messages.deliver()
    run_webhook_tasks()
    event_types = [json.loads(request.body)["type"] for request in receiver.requests]
    assert (
        event_types.count("publication.verified") == 1
        and event_types.count("publication.drifted") == 1
    )
    assert event_types.count("publication.needs_you") == 2


def jury_messages(receiver):
    """What was told about questions to other people, in order."""
    messages = [json.loads(request.body) for request in receiver.requests]
    return [message for message in messages if message["type"].startswith("jury.")]


@pytest.mark.usefixtures("webhook")
def test_question_to_others_is_told_when_it_is_decided_and_when_it_ends(alice, receiver):
    pictures = list(sheet_of(alice, count=3).variants.all())
    jury = juries.start_jury(alice, pictures, "Who looks most trustworthy?")
    run_webhook_tasks()
    assert jury_messages(receiver) == [], "nothing happened yet"
    for voter in map(str, range(40)):
        while step := juries.next_pair(jury, voter):
            juries.record_vote(jury, voter, number=step[0], side=int(step[1][0] > step[1][1]))
    run_webhook_tasks()
    (decided,) = jury_messages(receiver)
    assert decided["type"] == "jury.decided" and decided["data"]["jury"] == str(jury.pk)
    juries.end_jury(jury)
    run_webhook_tasks()
    run_webhook_tasks()
    assert [message["type"] for message in jury_messages(receiver)] == [
        "jury.decided",
        "jury.ended",
    ]


@pytest.mark.usefixtures("webhook")
def test_question_whose_time_is_over_is_told_as_ended(alice, receiver, webhook):
    pictures = list(sheet_of(alice, count=3).variants.all())
    jury = juries.start_jury(alice, pictures, "Who looks most trustworthy?")
    Webhook.objects.filter(pk=webhook.pk).update(made_at=timezone.now() - timedelta(days=9))
    Jury.objects.filter(pk=jury.pk).update(expires_at=timezone.now() - timedelta(minutes=1))
    run_webhook_tasks()
    run_webhook_tasks()
    (ended,) = jury_messages(receiver)
    assert ended["type"] == "jury.ended" and ended["data"]["jury"] == str(jury.pk)


@pytest.mark.usefixtures("webhook")
def test_schedule_that_asks_is_told_with_the_address_to_answer(alice, receiver, monkeypatch):
    put_in_registry(monkeypatch).by_hand(jpeg(patches(90, side=256)))
    choices.choose_variant(variant_of(alice), [SLUG])
    create_connection(alice)
    rule = Rule(datetime(2027, 3, 1, 9), "UTC", Unit.DAY)
    schedule = scheduling_services.create_schedule(alice, ScheduleSpec("every", rule, ask_hours=24))
    run = scheduling_services.run_now(schedule)
    type(run).objects.filter(pk=run.pk).update(agreed_at=None)
    celery_messages.deliver()
    run_webhook_tasks()
    everything = [json.loads(request.body) for request in receiver.requests]
    (question,) = [message for message in everything if message["type"] == "schedule.asks"]
    page = browser().get(urlsplit(question["data"]["answer_url"]).path).content.decode()
    assert "Update your profiles?" in page


def test_connection_that_ends_is_told_once_a_warning(alice, webhook, receiver):  # noqa: ARG001
    create_connection(alice)
    Grant.objects.update(warned_days=7, ends_at=timezone.now() + timedelta(days=7))
    run_webhook_tasks()
    run_webhook_tasks()
    Grant.objects.update(warned_days=1)
    run_webhook_tasks()
    assert [json.loads(request.body)["data"]["days"] for request in receiver.requests] == [7, 1]


def test_what_fails_is_tried_again_for_a_day_and_can_be_replayed(alice, webhook, receiver):  # noqa: ARG001
    receiver.responses["POST /hook"] = ScriptedResponse(500, b"")
    finished_render(alice)
    run_webhook_tasks()
    first = Delivery.objects.get()
    assert (first.state, first.status, first.attempts) == ("waiting", 500, 1)
    run_webhook_tasks()
    assert len(receiver.requests) == 1  # not before its time
    for _ in range(len(services.RETRY_MINUTES) + 2):
        Delivery.objects.update(next_at=timezone.now())
        run_webhook_tasks()
    first.refresh_from_db()
    assert first.state == "failed" and first.attempts == len(services.RETRY_MINUTES)
    assert 18 * 60 < sum(services.RETRY_MINUTES) < 30 * 60
    receiver.responses["POST /hook"] = ScriptedResponse(200)
    services.replay_delivery(first)
    celery_messages.deliver()
    first.refresh_from_db()
    assert first.state == "delivered"
    assert len({request.headers["webhook-id"] for request in receiver.requests}) == 1


def test_address_that_is_gone_is_told_nothing_more(alice, webhook, receiver):
    receiver.responses["POST /hook"] = ScriptedResponse(410, b"")
    finished_render(alice)
    run_webhook_tasks()
    webhook.refresh_from_db()
    assert webhook.stopped_at and Delivery.objects.get().state == "failed"
    run_webhook_tasks()
    assert not Delivery.objects.filter(state="waiting").exists()
    run_webhook_tasks()
    assert len(receiver.requests) == 1


@pytest.mark.parametrize(
    "url",
    [
        "http://example.org/hook",
        "https://10.0.0.1/",
        "https://printer.local/x",
        "https://a@b.example/",
        "ftp://example.org",
        "https://example.org:22/",
    ],
)
def test_address_inside_a_network_is_refused(alice, url):
    with pytest.raises(ForbiddenAddress):
        services.create_webhook(alice, url, EVERY)
    page = browser(alice).post(reverse("web:webhooks"), {"url": url, "events": EVERY})
    assert page.status_code == 200 and not Webhook.objects.exists()


def test_account_has_a_limited_number(alice):
    for number in range(services.MAX_WEBHOOKS):
        services.create_webhook(alice, f"https://example.org/{number}", EVERY)
    with pytest.raises(PhotoLimitReached):
        services.create_webhook(alice, "https://example.org/more", EVERY)


def test_secret_is_sealed_and_moves_to_a_new_key(alice, webhook, receiver, settings, capsys):  # noqa: ARG001
    stored = str(Webhook.objects.values().get())
    assert receiver.secret.removeprefix("whsec_") not in stored
    settings.VAULT_KEY = f"{'A' * 43}=,{settings.VAULT_KEY}"
    call_command("rotate_keys")
    webhook.refresh_from_db()
    assert webhook.unseal()["secret"] == receiver.secret.removeprefix("whsec_")


def test_page_adds_tests_replays_and_removes(alice, receiver):
    client, url = browser(alice), reverse("web:webhooks")
    shown = client.post(url, {"url": f"{receiver.url}/hook", "events": EVERY}).content.decode()
    assert "whsec_" in shown and "whsec_" not in client.get(url).content.decode()
    webhook = Webhook.objects.get()
    client.post(reverse("web:webhook_test", args=[webhook.pk]))
    celery_messages.deliver()
    assert "webhook.test" in client.get(url).content.decode()
    client.post(reverse("web:delivery_replay", args=[Delivery.objects.get().pk]))
    celery_messages.deliver()
    assert len(receiver.requests) == 2
    client.post(reverse("web:webhook_remove", args=[webhook.pk]))
    assert not Webhook.objects.exists() and not Delivery.objects.exists()


def test_only_what_is_asked_for_is_told(alice, receiver):
    services.create_webhook(alice, f"{receiver.url}/hook", [EventType.FAILED])
    finished_render(alice)
    run_webhook_tasks()
    assert receiver.requests == []
    services.delete_old_deliveries()
