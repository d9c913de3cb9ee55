"""A program refreshes, looks, sends again, undoes together, answers schedules, tries webhooks."""

from datetime import timedelta

import pytest
from django.utils import timezone

from branding.webhooks.models import Delivery
from branding.webhooks.services import create_webhook
from headshots.models import Variant
from integrations.errors import Rejected
from integrations.models import Connection, Run, ScheduledItem
from integrations.publishing import choices
from integrations.recurrence import Rule, Unit
from integrations.scheduling import services as scheduling_services
from integrations.scheduling.services import ScheduleSpec
from tests.api.conftest import api_client_for
from tests.integrations.scheduling.examples import daily
from tests.support import celery_messages
from tests.support.people import jpeg, patches, person, photo_of, sheet_of, variant_of
from tests.support.platforms.memory_platform import SLUG, create_connection, put_in_registry

pytestmark = pytest.mark.django_db(transaction=True)
V1 = "/api/v1"


@pytest.fixture
def platform(monkeypatch):
    memory = put_in_registry(monkeypatch)
    memory.by_hand(jpeg(patches(90, side=256)))
    return memory


@pytest.fixture
def account(alice, platform):  # noqa: ARG001
    return create_connection(alice)


@pytest.fixture
def chosen(alice, account):
    """A headshot that hangs at the one account."""
    headshot = variant_of(alice)
    choices.choose_variant(headshot, [], [account])
    return headshot


def test_refresh_is_made_shown_and_sent(client, alice, chosen, account, platform):
    photo = photo_of(alice, seed=5)
    preview = client.get(f"{V1}/refresh").json()
    assert preview == {
        "photo": str(photo.pk),
        "worn": [{"variant": str(chosen.pk), "places": [SLUG]}],
    }
    begun = client.post(f"{V1}/refresh", HTTP_IDEMPOTENCY_KEY="one")
    assert begun.status_code == 202 and begun.json()["kind"] == "refresh"
    assert client.post(f"{V1}/refresh", HTTP_IDEMPOTENCY_KEY="one").json() == begun.json()
    (new,) = begun.json()["variants"]
    assert new["parent"] == str(chosen.pk)
    url = f"{V1}/refresh/{begun.json()['id']}/accept"
    assert client.post(url, {}, format="json").json() == {"choices": [], "publications": []}
    Variant.objects.filter(pk=new["id"]).update(
        state="ready", picture=chosen.picture, likeness=chosen.likeness
    )
    done = client.post(url, {"variants": [new["id"]]}, format="json")
    assert done.status_code == 202
    assert [choice["variant"] for choice in done.json()["choices"]] == [new["id"]]
    (publication,) = done.json()["publications"]
    assert publication["connection"] == str(account.pk)
    assert platform.effects == []


def test_refresh_without_anything_to_wear_is_refused(client, alice):
    photo_of(alice)
    answer = client.post(f"{V1}/refresh")
    assert answer.status_code == 409 and answer.json()["code"] == "not_ready"


def test_only_what_the_refresh_made_is_accepted(client, alice, chosen):
    sheet = sheet_of(alice, chosen.photo)
    refresh = sheet_of(alice, chosen.photo, count=1, kind="refresh")
    for pk, wish in (
        (sheet.pk, {}),
        (refresh.pk, {"variants": [str(chosen.pk)]}),
    ):
        url = f"{V1}/refresh/{pk}/accept"
        assert client.post(url, wish, format="json").status_code == 404


def test_newest_sheet_is_made_again_in_the_kit(client, alice):
    assert client.post(f"{V1}/kit/again").status_code == 409
    sheet_of(alice, count=2)
    client.patch(f"{V1}/kit", {"accent": "#0B6E4F"}, format="json")
    started = client.post(f"{V1}/kit/again")
    assert started.status_code == 202 and len(started.json()["variants"]) == 2
    wished = Variant.objects.get(pk=started.json()["variants"][0]["id"]).wished
    assert "#0B6E4F" in str(wished)


def test_what_failed_is_sent_again(client, account, platform, chosen):
    platform.trouble["publish"].append(Rejected("Too wide."))
    (publication,) = client.post(f"{V1}/publications", {}, format="json").json()[:1]
    celery_messages.deliver()
    url = f"{V1}/publications/{publication['id']}"
    assert client.get(url).json()["state"] == "failed"
    again = client.post(f"{url}/again")
    assert again.status_code == 202 and again.json()["variant"] == str(chosen.pk)
    celery_messages.deliver()
    assert client.get(again.headers["Location"]).json()["state"] == "published"
    Connection.objects.filter(pk=account.pk).update(state=Connection.State.ENDED)
    late = client.post(f"{url}/again")
    assert late.status_code == 409 and late.json()["code"] == "not_here"
    assert len(platform.effects) == 1


def test_everything_sent_together_is_undone_together(client, account, platform, chosen):  # noqa: ARG001
    original = platform.live.data
    (publication,) = client.post(f"{V1}/publications", {}, format="json").json()
    celery_messages.deliver()
    small = client.get(f"{V1}/publications/{publication['id']}/before")
    assert small.headers["Content-Type"] == "image/jpeg" and small.content[:2] == b"\xff\xd8"
    undone = client.post(f"{V1}/batches/{publication['batch']}/undo")
    assert undone.status_code == 202 and undone.json()[0]["undoes"] == publication["id"]
    celery_messages.deliver()
    assert platform.live.data == original


@pytest.mark.usefixtures("chosen")
def test_batch_that_changed_nothing_is_not_undone(client):
    (publication,) = client.post(f"{V1}/publications", {}, format="json").json()
    client.post(f"{V1}/publications/{publication['id']}/cancel")
    answer = client.post(f"{V1}/batches/{publication['batch']}/undo")
    assert answer.status_code == 409 and answer.json()["code"] == "not_here"


def test_batch_of_somebody_else_is_not_undone(client, account, platform, chosen):  # noqa: ARG001
    (publication,) = client.post(f"{V1}/publications", {}, format="json").json()
    celery_messages.deliver()
    carol = api_client_for(person("carol"))
    assert carol.post(f"{V1}/batches/{publication['batch']}/undo").status_code == 404
    assert len(platform.effects) == 1


def test_program_asks_what_hangs_at_an_account(client, account):
    url = f"{V1}/connections/{account.pk}"
    assert client.get(f"{url}/portrait").status_code == 404
    assert client.post(f"{url}/look").status_code == 202
    celery_messages.deliver()
    assert client.get(url).json()["looked_at"]
    assert client.get(f"{url}/portrait").content[:2] == b"\xff\xd8"


@pytest.mark.parametrize(("yes", "state"), [(True, "waiting"), (False, "skipped")])
def test_program_answers_what_a_schedule_asks(client, alice, account, chosen, yes, state):
    run = Run.objects.create(
        schedule=daily(alice, ask_hours=24),
        due_at=timezone.now(),
        planned_at=timezone.now(),
        state=Run.State.ASKING,
        decide_by=timezone.now() + timedelta(hours=1),
    )
    url = f"{V1}/runs/{run.pk}"
    (sending,) = client.get(url).json()["sendings"]
    assert sending == {"profile": str(account.pk), "variant": str(chosen.pk)}
    assert client.post(f"{url}/answer", {"yes": yes}, format="json").json()["state"] == state
    late = client.post(f"{url}/answer", {"yes": yes}, format="json")
    assert late.status_code == 409 and late.json()["code"] == "not_ready"


def test_what_comes_is_told_earliest_first(client, alice, chosen):
    daily_schedule, weekly_schedule = (
        daily(alice),
        scheduling_services.create_schedule(alice, _weekly_spec(chosen)),
    )
    upcoming = client.get(f"{V1}/upcoming?days=10").json()
    assert [run["planned_at"] for run in upcoming] == sorted(run["planned_at"] for run in upcoming)
    assert {run["schedule"] for run in upcoming} == {
        str(daily_schedule.pk),
        str(weekly_schedule.pk),
    }
    assert {run["variant"] for run in upcoming} == {None, str(chosen.pk)}
    assert client.get(f"{V1}/upcoming?days=0").status_code == 400


def _weekly_spec(variant):
    start = timezone.now().replace(tzinfo=None, second=0, microsecond=0) + timedelta(days=2)
    weekly = Rule(start, "UTC", Unit.WEEK)
    return ScheduleSpec("every", weekly, items=(ScheduledItem(variant.pk, False),))


def test_webhook_is_tried(client, alice):
    webhook, _ = create_webhook(alice, "https://example.org/hook", ["render.finished"])
    answer = client.post(f"{V1}/webhooks/{webhook.pk}/test")
    assert answer.status_code == 202 and answer.json()["event"] == "webhook.test"
    assert Delivery.objects.get().webhook == webhook
