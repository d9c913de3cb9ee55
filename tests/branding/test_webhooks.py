"""Webhooks: each event is sent once, signed and retried; addresses in a network are refused."""

import json
from datetime import datetime, timedelta
from urllib.parse import urlsplit

import pytest
from django.core.management import call_command
from django.urls import reverse
from django.utils import timezone

from branding.webhooks import services
from branding.webhooks.models import Delivery, Event, Webhook
from headshots.errors import PhotoLimitReached
from headshots.models import Render
from integrations.errors import ForbiddenAddress
from integrations.models import Grant
from integrations.publishing import choices
from integrations.publishing import services as publishing_services
from integrations.recurrence import Rule, Unit
from integrations.scheduling import services as scheduling_services
from integrations.scheduling.services import Plan
from tests.support import celery_messages
from tests.support.memory_platform import SLUG, connected, put_in_registry
from tests.support.people import browser, jpeg, patches, person, sheet_of, variant_of
from tests.support.scripted_server import Script, Told

pytestmark = pytest.mark.django_db(transaction=True)
EVERY = [event for event in Event.values if event != Event.TEST]


@pytest.fixture
def alice():
    celery_messages.lose()
    return person("alice")


@pytest.fixture
def hears():
    """A server that receives webhooks at /hook."""
    program = Script()
    program.answers["POST /hook"] = Told(204, b"")
    yield program
    program.close()


@pytest.fixture
def webhook(alice, hears):
    made, hears.secret = services.make_webhook(alice, f"{hears.url}/hook", EVERY)
    return made


def tick():
    services.collect()
    services.tell_due()
    celery_messages.deliver()


def finished(owner):
    render = sheet_of(owner, count=1)
    Render.objects.filter(pk=render.pk).update(finished_at=timezone.now())
    return render


def test_finished_sheet_is_told_once_and_signed(alice, webhook, hears):  # noqa: ARG001
    render = finished(alice)
    tick()
    tick()
    (asked,) = hears.asked
    told = json.loads(asked.body)
    assert told["type"] == "render.finished" and told["data"]["render"] == str(render.pk)
    signature = services.sign(
        hears.secret,
        identity=asked.headers["webhook-id"],
        moment=int(asked.headers["webhook-timestamp"]),
        payload=asked.body.decode(),
    )
    assert asked.headers["webhook-signature"] == signature
    assert Delivery.objects.get().state == "delivered"


def test_signature_is_the_one_of_the_specification():
    """The example of the scheme's reference libraries."""
    told = services.sign(
        "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
        identity="msg_p5jXN8AQM9LWM0D4loKWxJek",
        moment=1614265330,
        payload='{"test": 2432232314}',
    )
    assert told == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def test_every_turn_of_a_publication_is_told(alice, webhook, hears, monkeypatch):  # noqa: ARG001
    platform = put_in_registry(monkeypatch)
    platform.by_hand(jpeg(patches(90, side=256)))
    variant = variant_of(alice)
    connected(alice)
    choices.choose(variant, [SLUG, "linkedin"])
    publishing_services.refresh(alice)
    celery_messages.deliver()
    tick()
    platform.by_hand(jpeg(patches(91, side=256)))
    publishing_services.refresh(alice)
    celery_messages.deliver()
    tick()
    told = [json.loads(asked.body)["type"] for asked in hears.asked]
    assert told.count("publication.verified") == 1 and told.count("publication.drifted") == 1
    assert told.count("publication.needs_you") == 2


@pytest.mark.usefixtures("webhook")
def test_schedule_that_asks_is_told_with_the_address_to_answer(alice, hears, monkeypatch):
    put_in_registry(monkeypatch).by_hand(jpeg(patches(90, side=256)))
    choices.choose(variant_of(alice), [SLUG])
    connected(alice)
    rule = Rule(datetime(2027, 3, 1, 9), "UTC", Unit.DAY)
    schedule = scheduling_services.create(alice, Plan("every", rule, ask_hours=24))
    run = scheduling_services.run_now(schedule)
    type(run).objects.filter(pk=run.pk).update(agreed_at=None)
    celery_messages.deliver()
    tick()
    everything = [json.loads(asked.body) for asked in hears.asked]
    (told,) = [one for one in everything if one["type"] == "schedule.asks"]
    page = browser().get(urlsplit(told["data"]["answer_url"]).path).content.decode()
    assert "Shall this be sent" in page


def test_connection_that_ends_is_told_once_a_warning(alice, webhook, hears):  # noqa: ARG001
    connected(alice)
    Grant.objects.update(warned_days=7, ends_at=timezone.now() + timedelta(days=7))
    tick()
    tick()
    Grant.objects.update(warned_days=1)
    tick()
    assert [json.loads(asked.body)["data"]["days"] for asked in hears.asked] == [7, 1]


def test_what_fails_is_tried_again_for_a_day_and_can_be_replayed(alice, webhook, hears):  # noqa: ARG001
    hears.answers["POST /hook"] = Told(500, b"")
    finished(alice)
    tick()
    first = Delivery.objects.get()
    assert (first.state, first.status, first.attempts) == ("waiting", 500, 1)
    tick()
    assert len(hears.asked) == 1  # not before its time
    for _ in range(len(services.WAITS) + 2):
        Delivery.objects.update(next_at=timezone.now())
        tick()
    first.refresh_from_db()
    assert first.state == "failed" and first.attempts == len(services.WAITS)
    assert 18 * 60 < sum(services.WAITS) < 30 * 60
    hears.answers["POST /hook"] = Told(200)
    services.replay(first)
    celery_messages.deliver()
    first.refresh_from_db()
    assert first.state == "delivered"
    assert len({asked.headers["webhook-id"] for asked in hears.asked}) == 1


def test_address_that_is_gone_is_told_nothing_more(alice, webhook, hears):
    hears.answers["POST /hook"] = Told(410, b"")
    finished(alice)
    tick()
    webhook.refresh_from_db()
    assert webhook.stopped_at and Delivery.objects.get().state == "failed"
    tick()
    assert not Delivery.objects.filter(state="waiting").exists()
    tick()
    assert len(hears.asked) == 1


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
        services.make_webhook(alice, url, EVERY)
    page = browser(alice).post(reverse("web:webhooks"), {"url": url, "events": EVERY})
    assert page.status_code == 200 and not Webhook.objects.exists()


def test_account_has_a_limited_number(alice):
    for number in range(services.LIMIT):
        services.make_webhook(alice, f"https://example.org/{number}", EVERY)
    with pytest.raises(PhotoLimitReached):
        services.make_webhook(alice, "https://example.org/more", EVERY)


def test_secret_is_sealed_and_moves_to_a_new_key(alice, webhook, hears, settings, capsys):  # noqa: ARG001
    stored = str(Webhook.objects.values().get())
    assert hears.secret.removeprefix("whsec_") not in stored
    settings.VAULT_KEY = f"{'A' * 43}=,{settings.VAULT_KEY}"
    call_command("rotate_keys")
    webhook.refresh_from_db()
    assert webhook.unseal()["secret"] == hears.secret.removeprefix("whsec_")


def test_page_adds_tests_replays_and_removes(alice, hears):
    client, url = browser(alice), reverse("web:webhooks")
    shown = client.post(url, {"url": f"{hears.url}/hook", "events": EVERY}).content.decode()
    assert "whsec_" in shown and "whsec_" not in client.get(url).content.decode()
    webhook = Webhook.objects.get()
    client.post(reverse("web:webhook_test", args=[webhook.pk]))
    celery_messages.deliver()
    assert "webhook.test" in client.get(url).content.decode()
    client.post(reverse("web:delivery_replay", args=[Delivery.objects.get().pk]))
    celery_messages.deliver()
    assert len(hears.asked) == 2
    client.post(reverse("web:webhook_remove", args=[webhook.pk]))
    assert not Webhook.objects.exists() and not Delivery.objects.exists()


def test_only_what_is_asked_for_is_told(alice, hears):
    services.make_webhook(alice, f"{hears.url}/hook", [Event.FAILED])
    finished(alice)
    tick()
    assert hears.asked == []
    services.forget_old()
