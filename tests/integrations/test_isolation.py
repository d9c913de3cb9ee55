"""A row that nobody can work with stops nobody else: every kind of row, in every periodic task."""

import inspect
import json
import time
from datetime import timedelta

import pytest
from django.core import mail
from django.db import connection as database
from django.utils import timezone

from branding.webhooks import services as webhooks
from branding.webhooks import tasks as webhook_tasks
from branding.webhooks.models import Delivery, EventType, Webhook
from headshots.isolation import FAILURE_COUNTER, load_rows, run_for_each, run_isolated
from integrations import tasks
from integrations.connections import key_rotation, tokens
from integrations.connections import services as connection_services
from integrations.models import Connection, Grant, HandOff, Publication, Run, Schedule
from integrations.publication_states import State
from integrations.publishing import handoffs, transitions
from integrations.scheduling.selectors import upcoming_runs
from tests.integrations.publishing.sending import headshot, publish_headshot
from tests.support import celery_messages
from tests.support.people import person
from tests.support.platforms import memory_platform
from tests.support.platforms.mastodon import FakeMastodon, json_response
from tests.support.platforms.scripted_server import ScriptedResponse, ScriptedServer

pytestmark = pytest.mark.django_db(transaction=True)
DEEP = ScriptedResponse(200, b"[" * 100_000)


@pytest.fixture(autouse=True)
def empty_broker():
    celery_messages.lose()
    yield
    celery_messages.lose()


@pytest.fixture
def servers():
    pair = [FakeMastodon(lives=1000, rotates=True) for _ in range(2)]
    yield pair
    for server in pair:
        server.close()


def connect(owner, server):
    address = server.url.removeprefix("http://")
    url = connection_services.begin_connection(owner, "mastodon", binding="s", address=address).url
    return connection_services.finish_connection(
        owner, "mastodon", binding="s", callback_parameters=server.say_yes(url)
    )


def overwrite(model, pk, **columns):
    """Write values into columns of a row that the model itself would not take."""
    quote = database.ops.quote_name
    for name, value in columns.items():
        column = model._meta.get_field(name).column
        with database.cursor() as cursor:
            cursor.execute(
                f"UPDATE {quote(model._meta.db_table)} SET {quote(column)} = %s WHERE id = %s",
                [value, model._meta.pk.get_db_prep_value(pk, database)],
            )


def test_error_of_one_item_is_logged_and_counted_and_not_raised(caplog):
    before = FAILURE_COUNTER.labels("test")._value.get()
    put_off = []
    assert run_for_each("test", [1, 0, 2], lambda n: 2 // n, on_failure=put_off.append) == [2, 1]
    assert run_isolated("test", int, "x") is None
    assert put_off == [0] and "ZeroDivisionError" in caplog.text
    assert FAILURE_COUNTER.labels("test")._value.get() == before + 2


@pytest.mark.skipif("database.vendor != 'sqlite'", reason="PostgreSQL keeps only UUIDs")
def test_row_that_cannot_be_loaded_is_left_out():
    now = timezone.now()
    bad, good = (
        Run.objects.create(
            schedule=Schedule.objects.create(owner=person(name), kind="every"),
            due_at=now,
            planned_at=now,
        )
        for name in ("eve", "bob")
    )
    overwrite(Run, bad.pk, claim="no UUID")
    assert load_rows("test", Run.objects.all()) == [good]


def test_step_of_maintenance_that_fails_does_not_stop_the_next(monkeypatch):
    done = []
    monkeypatch.setattr(tasks.tokens, "refresh_due_tokens", lambda: 1 / 0)
    monkeypatch.setattr(tasks.tokens, "warn_about_expiry", lambda: done.append(1))
    tasks.run_maintenance()
    monkeypatch.setattr(tasks.transitions, "recover_lost_claims", lambda: 1 / 0)
    monkeypatch.setattr(tasks.runs, "enqueue_stalled_runs", lambda: done.append(2))
    tasks.process_due_work()
    assert done == [1, 2]


def answer_milliseconds(issue):
    def answer():
        tokens = json.loads(issue().body)
        return json_response({**tokens, "expires_in": round(time.time() * 1000) + 7_200_000})

    return answer


def spoil_answer(server, _):
    server.issue = lambda: DEEP


def spoil_lifetime(server, _):
    server.issue = answer_milliseconds(server.issue)


def spoil_counter(server, connection):
    server.responses["POST /oauth/token"] = json_response({}, 503)
    Grant.objects.filter(connection=connection).update(failures=32_767)


def spoil_seal(_, connection):
    Grant.objects.filter(connection=connection).update(sealed=b"no sealed data")


def spoil_key(_, connection):
    Grant.objects.filter(connection=connection).update(key_id="unknown")


def spoil_platform(_, connection):
    Connection.objects.filter(pk=connection.pk).update(slug="closed-platform")


def spoil_way(_, connection):
    Grant.objects.filter(connection=connection).update(way=7)


def spoil_facts(_, connection):
    overwrite(Connection, connection.pk, facts="[" * 900 + "]" * 900)


SPOILED = [value for name, value in dict(globals()).items() if name.startswith("spoil_")]


@pytest.mark.parametrize("spoil", SPOILED)
def test_tokens_of_others_are_refreshed(servers, spoil):
    odd, good = servers
    spoil(odd, connect(person("eve"), odd))
    connect(person("bob"), good)
    Grant.objects.update(refresh_at=timezone.now() - timedelta(seconds=1))
    tasks.run_maintenance()
    assert good.refreshed == 1
    assert Grant.objects.filter(failures__gt=32_000).count() <= 1


@pytest.mark.parametrize("spoil", [spoil_seal, spoil_key, spoil_way])
def test_others_are_warned_before_the_end_and_keys_are_rotated(servers, spoil):
    odd, good = servers
    bad = connect(person("eve"), odd)
    connect(person("bob"), good)
    Grant.objects.update(ends_at=timezone.now() + timedelta(hours=3), key_id="old")
    spoil(odd, bad)
    tasks.run_maintenance()
    assert "bob@example.com" in {address for email in mail.outbox for address in email.to}
    assert key_rotation.rotate_vault_key() == 0  # all are sealed with a key that is gone
    assert connection_services.end_connection(bad) in (True, False)


@pytest.mark.parametrize(
    "columns",
    [
        {"place": "closed-place"},
        {"slot": "no such slot"},
        {"poll_count": 32_767},
        {"receipt": '"text"'},
    ],
    ids=str,
)
@pytest.mark.parametrize("state", [State.SCHEDULED, State.READY, State.PROCESSING, State.UNCERTAIN])
def test_publications_of_others_go_on(columns, state, monkeypatch, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    memory_platform.put_in_registry(monkeypatch)
    bad, good = (
        publish_headshot(memory_platform.create_connection(person(name), account=name))
        for name in ("eve", "bob")
    )
    celery_messages.lose()
    now = timezone.now() - timedelta(seconds=1)
    Publication.objects.update(state=state, not_before=now, touched_at=None)
    Publication.objects.filter(pk=bad.pk).update(
        not_before=now - timedelta(days=1), news_at=now - timedelta(days=1)
    )
    overwrite(Publication, bad.pk, **columns)
    tasks.process_due_work()
    celery_messages.deliver()
    good.refresh_from_db()
    assert good.steps.filter(target__in=(State.SENDING, State.PUBLISHED)).exists() or (
        good.poll_count
    )


@pytest.mark.slow
@pytest.mark.parametrize(
    "columns",
    [
        {"rule": '{"start": "soon"}'},
        {"rule": "[]"},
        {"rule": '{"zone": "Mars/Phobos"}'},
        {"zone": "Mars/Phobos"},
        {"pieces": "[]"},
        {"pieces": "{}"},
        {"profiles": "7"},
    ],
    ids=str,
)
def test_schedules_of_others_go_on(columns, monkeypatch, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    memory_platform.put_in_registry(monkeypatch)
    yesterday = timezone.now() - timedelta(days=1)
    rule = {"start": f"{yesterday:%Y-%m-%dT%H:%M}", "zone": "UTC", "unit": "day"}
    schedules = []
    for name in ("eve", "bob"):
        owner = person(name)
        memory_platform.create_connection(owner, account=name)
        variant = headshot(owner)
        items = [{"variant": str(variant.pk), "anew": False}]
        schedules.append(
            Schedule.objects.create(
                owner=owner, kind="every", rule=rule, pieces=items, tzdata="2000a",
                counted_from=yesterday - timedelta(days=1), next_run_at=yesterday,
            )
        )  # fmt: skip
    overwrite(Schedule, schedules[0].pk, **columns)
    tasks.process_due_work()
    tasks.dispatch_due_schedules()
    celery_messages.deliver()
    assert Run.objects.filter(schedule=schedules[1], state=Run.State.SENT).exists()
    assert not Run.objects.filter(schedule=schedules[0], state=Run.State.WAITING).exists()


def test_other_schedules_of_a_person_stay_in_the_calendar():
    owner, now = person(), timezone.now()
    rule = {"start": f"{now:%Y-%m-%dT%H:%M}", "zone": "UTC", "unit": "day"}
    items = [{"variant": None, "anew": False}]
    for zone in ("Mars/Phobos", "UTC"):
        Schedule.objects.create(
            owner=owner, kind="every", rule={**rule, "zone": zone}, zone=zone, pieces=items
        )
    assert len(list(upcoming_runs(owner, until=now + timedelta(days=3)))) >= 2


@pytest.mark.parametrize("columns", [{"place": "closed-place"}, {"poll_count": 30_000}], ids=str)
def test_hand_offs_of_others_are_polled(columns):
    due = timezone.now() - timedelta(seconds=1)
    bad, good = (
        HandOff.objects.create(
            owner=variant.owner, place="github", variant=variant, public_name="x", next_poll_at=due
        )
        for variant in (headshot(person(name)) for name in ("eve", "bob"))
    )
    overwrite(HandOff, bad.pk, **columns)
    handoffs.enqueue_due_polls()
    assert ("integrations.poll_public_picture", [str(good.pk)]) in celery_messages.waiting()


@pytest.mark.parametrize(
    "columns", [{"events": "7"}, {"url": "no URL"}, {"url": "x" * 400}, {"sealed": b"x"}], ids=str
)
def test_webhooks_of_others_are_delivered(columns):
    server = ScriptedServer()
    server.responses["POST /hook"] = ScriptedResponse()
    hooks = [
        webhooks.create_webhook(person(name), f"{server.url}/hook", EventType.values)[0]
        for name in ("eve", "bob")
    ]
    deliveries = [webhooks.send_test_event(hook) for hook in hooks]
    overwrite(Webhook, hooks[0].pk, **columns)
    celery_messages.lose()
    webhook_tasks.record_and_enqueue()
    celery_messages.deliver()
    deliveries[1].refresh_from_db()
    assert deliveries[1].state == Delivery.State.DELIVERED
    for _ in range(9):
        Delivery.objects.update(next_at=timezone.now())
        webhook_tasks.record_and_enqueue()
        celery_messages.deliver()
    deliveries[0].refresh_from_db()
    assert deliveries[0].state in (Delivery.State.FAILED, Delivery.State.DELIVERED)
    server.close()


def test_every_counter_of_a_row_has_a_limit():
    """What is increased in the database is limited there, too: a full column is an error."""
    for module in (tokens, transitions, webhooks):
        for line in inspect.getsource(module).splitlines():
            assert '") + 1' not in line or "Least(" in line, line
