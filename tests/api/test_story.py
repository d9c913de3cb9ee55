"""A program does what a person does: upload, make, keep, choose, take home."""

import io
import json

import pytest
from asgiref.sync import async_to_sync
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

from headshots.models import Photo, Variant
from integrations.errors import ManualActionRequired
from tests.support import celery_messages
from tests.support.openapi import load_schema
from tests.support.people import jpeg, patches, photo_of, selfie, sheet_of
from tests.support.platforms.memory_platform import SLUG, create_connection, put_in_registry

pytestmark = pytest.mark.django_db(transaction=True)
V1 = "/api/v1"


def upload_photo(client, **more):
    file = SimpleUploadedFile("me.jpg", selfie())
    return client.post(f"{V1}/photos", {"file": file}, format="multipart", **more)


def read_events(answer):
    async def read():
        return [part.decode() async for part in answer.streaming_content]

    return async_to_sync(read)()


@pytest.mark.slow
def test_program_makes_a_headshot_and_takes_it_home(client):
    photo = upload_photo(client)
    assert photo.status_code == 201 and photo.json()["state"] == "checking"
    celery_messages.deliver()
    seen = client.get(photo.headers["Location"]).json()
    assert seen["state"] == "usable" and seen["checks"]
    wish = {"photos": [seen["id"]], "looks": ["linkedin"]}
    render = client.post(f"{V1}/renders", wish, format="json")
    assert render.status_code == 202 and not render.json()["finished"]
    celery_messages.deliver()
    done = client.get(render.headers["Location"]).json()
    (variant,) = done["variants"]
    assert done["finished"] and variant["state"] == "ready" and variant["likeness"] < 0.25
    kept = client.patch(f"{V1}/variants/{variant['id']}", {"kept": True}, format="json")
    assert kept.json()["kept"]
    chosen = {"variant": variant["id"], "places": ["linkedin"]}
    assert client.post(f"{V1}/choices", chosen, format="json").status_code == 201
    profiles = {profile["place"]: profile for profile in client.get(f"{V1}/profiles").json()}
    assert profiles["linkedin"]["choice"]["variant"] == variant["id"]
    file = client.get(f"{V1}/variants/{variant['id']}/file", {"place": "linkedin"})
    assert Image.open(io.BytesIO(file.content)).format == "JPEG"
    assert "attachment" in file.headers["Content-Disposition"]
    (event,) = read_events(client.get(f"{V1}/renders/{done['id']}/events"))
    assert "\nevent: finished\ndata: " in event
    assert json.loads(event.split("data: ")[1])["id"] == done["id"]


def test_same_key_happens_once(client, alice):
    first = upload_photo(client, HTTP_IDEMPOTENCY_KEY="one")
    again = upload_photo(client, HTTP_IDEMPOTENCY_KEY="one")
    assert first.status_code == again.status_code == 201
    assert first.json() == again.json()
    assert again.headers["Idempotency-Replayed"] == "true"
    assert again.headers["Location"] == first.headers["Location"]
    assert Photo.objects.filter(owner=alice).count() == 1


def test_same_key_with_another_body_is_a_conflict(client, alice):
    variant = sheet_of(alice).variants.first()
    fields = {"variant": str(variant.pk), "places": ["linkedin"]}
    key = {"HTTP_IDEMPOTENCY_KEY": "two"}
    assert client.post(f"{V1}/choices", fields, format="json", **key).status_code == 201
    other = client.post(f"{V1}/choices", {**fields, "places": ["x"]}, format="json", **key)
    assert other.status_code == 409 and other.json()["code"] == "conflict"
    assert alice.choices.exclude(place="avatar").count() == 1


def test_what_was_refused_can_be_asked_again_with_its_key(client, alice):
    key = {"HTTP_IDEMPOTENCY_KEY": "three"}
    fields = {
        "variant": str(sheet_of(alice, state="failed").variants.first().pk),
        "places": ["linkedin"],
    }
    assert client.post(f"{V1}/choices", fields, format="json", **key).status_code == 409
    Variant.objects.update(state="ready")
    assert client.post(f"{V1}/choices", fields, format="json", **key).status_code == 201


def test_what_was_changed_meanwhile_is_not_overwritten(client, alice):
    url = f"{V1}/variants/{sheet_of(alice).variants.first().pk}"
    tag = client.get(url).headers["ETag"]
    assert client.get(url, HTTP_IF_NONE_MATCH=tag).status_code == 304
    fields = {"alt_text": "Alice, smiling"}
    assert client.patch(url, fields, format="json", HTTP_IF_MATCH=tag).status_code == 200
    late = client.patch(url, {"alt_text": "?"}, format="json", HTTP_IF_MATCH=tag)
    assert late.status_code == 412 and late.json()["code"] == "changed"
    assert client.get(url).json()["alt_text"] == "Alice, smiling"


def test_what_nobody_changed_has_the_tag_it_had(client):
    """The ETag of every single object, for a person who has none of them stored yet."""
    schema = load_schema()
    paths = schema["paths"]
    tags = {}
    for path in (path for path, methods in paths.items() if "get" in methods and "{" not in path):
        once, again = (client.get(path).headers.get("ETag") for _ in range(2))
        assert once == again, path
        tags[path] = once
    assert tags[f"{V1}/kit"] and tags[f"{V1}/addresses"]
    if_match = {"HTTP_IF_MATCH": tags[f"{V1}/kit"]}
    assert client.patch(f"{V1}/kit", {"name": "A"}, format="json", **if_match).status_code == 200
    assert client.patch(f"{V1}/kit", {"name": "B"}, format="json", **if_match).status_code == 412


def test_list_is_whole_page_by_page(client, alice):
    sheet_of(alice, count=7)
    seen, url = [], f"{V1}/variants?limit=3"
    while url:
        page = client.get(url).json()
        seen += [variant["label"] for variant in page["results"]]
        url = page["next"]
    assert seen == ["07", "06", "05", "04", "03", "02", "01"]


@pytest.mark.parametrize(
    ("query", "count"),
    [
        ("state=ready", 3),
        ("state=waiting", 0),
        ("kept=true", 0),
        ("look=linkedin", 1),
    ],
)
def test_list_is_filtered(client, alice, query, count):
    sheet_of(alice, count=3)
    assert len(client.get(f"{V1}/variants?{query}").json()["results"]) == count


def test_list_asks_no_more_the_more_there_is(client, alice, django_assert_max_num_queries):
    for seed in range(3):
        sheet_of(alice, photo_of(alice, seed=seed), count=10)
    for name in ("photos", "renders", "variants", "choices", "profiles"):
        with django_assert_max_num_queries(8):
            assert client.get(f"{V1}/{name}").status_code == 200


@pytest.fixture
def account(alice, monkeypatch):
    platform = put_in_registry(monkeypatch)
    platform.by_hand(jpeg(patches(90, side=256)))
    connection = create_connection(alice)
    connection.live = platform
    return connection


def test_program_sends_watches_and_undoes(client, alice, account):
    original = account.live.live.data
    variant = sheet_of(alice).variants.first()
    chosen = {"variant": str(variant.pk), "connections": [str(account.pk)]}
    assert client.post(f"{V1}/choices", chosen, format="json").status_code == 201
    sent = client.post(f"{V1}/publications", {}, format="json")
    assert sent.status_code == 202
    assert {publication["place"]: publication["state"] for publication in sent.json()} == {
        SLUG: "ready"
    }
    celery_messages.deliver()
    results = client.get(sent.headers["Location"]).json()["results"]
    (done,) = [publication for publication in results if publication["place"] == SLUG]
    assert done["state"] == "published" and done["says"] == "verified"
    steps = client.get(f"{V1}/publications/{done['id']}").json()["steps"]
    assert [step["target"] for step in steps] == ["sending", "published"]
    undone = client.post(f"{V1}/publications/{done['id']}/undo")
    assert undone.status_code == 202 and undone.json()["undoes"] == done["id"]
    celery_messages.deliver()
    assert account.live.live.data == original


def test_program_answers_what_needs_the_person(client, alice, account):
    first = sheet_of(alice).variants.first()
    account.live.trouble["publish"].append(ManualActionRequired("Do it yourself."))
    wish = {"variant": str(first.pk), "profiles": [str(account.pk)]}
    (publication,) = client.post(f"{V1}/publications", wish, format="json").json()
    celery_messages.deliver()
    url = f"{V1}/publications/{publication['id']}"
    assert client.get(url).json()["state"] == "blocked"
    answered = client.post(f"{url}/resolve", {"answer": "keep"}, format="json")
    assert answered.json()["state"] == "cancelled"
    assert client.post(f"{url}/resolve", {"answer": "send"}, format="json").status_code == 409
    (late,) = client.post(f"{V1}/publications", wish, format="json").json()
    assert client.post(f"{V1}/publications/{late['id']}/cancel").json()["state"] == "cancelled"
    unknown = {**wish, "profiles": ["moon"]}
    assert client.post(f"{V1}/publications", unknown, format="json").status_code == 404
    unconnected = {**wish, "profiles": ["gitlab"]}
    assert (
        client.post(f"{V1}/publications", unconnected, format="json").json()["code"] == "not_here"
    )


def test_program_plans(client, alice, account):  # noqa: ARG001
    turn = {"start": "2027-03-01T09:00", "zone": "Europe/Berlin", "unit": "month"}
    plan = {"kind": "every", "turns": [turn], "sends": [{}]}
    draft = client.post(f"{V1}/schedules/draft", plan, format="json").json()
    assert len(draft) == 10 and draft[0]["wished_at"] == "2027-03-01T08:00:00Z"
    created = client.post(f"{V1}/schedules", plan, format="json")
    assert created.status_code == 201 and created.json()["due_at"] == draft[0]["wished_at"]
    url = created.headers["Location"]
    assert len(client.get(f"{url}/upcoming").json()) == 10
    assert client.post(f"{url}/pause").json()["state"] == "paused"
    assert client.post(f"{url}/resume").json()["state"] == "active"
    assert client.post(f"{url}/skip").json()["due_at"].startswith("2027-04-01")
    assert client.post(f"{url}/run").status_code == 202
    runs = client.get(f"{V1}/runs?schedule={created.json()['id']}").json()["results"]
    assert {run["state"] for run in runs} == {"skipped", "waiting"}
    changed = client.put(url, {**plan, "name": "Renamed"}, format="json")
    assert changed.json()["name"] == "Renamed"
    assert client.delete(url).status_code == 204
    assert client.get(url).json()["state"] == "ended"


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ({"zone": "Moon"}, "bad_rule"),
        ({"start": "1999-01-01T09:00"}, "bad_rule"),
        ({"unit": "day", "weekdays": [1]}, "bad_rule"),
        ({"unit": "once"}, "bad_schedule"),
        ({"until": "2026-99-99"}, "bad_rule"),
    ],
)
def test_plan_that_makes_no_sense_says_why(client, wrong, code):
    turn = {"start": "2027-03-01T09:00", "zone": "UTC", "unit": "month", **wrong}
    plan = {"kind": "every", "turns": [turn], "sends": [{}]}
    answer = client.post(f"{V1}/schedules", plan, format="json")
    assert answer.status_code == 422 and answer.json()["code"] == code
