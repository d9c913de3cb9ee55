"""Long responses are streamed, counted for each account, and read the database once for all."""

import asyncio
import io
import zipfile

import pytest
from asgiref.sync import async_to_sync
from django.urls import reverse

from branding.accounts import concurrency
from branding.accounts.concurrency import AccountSlots
from branding.api.headshots import catalog, render_events
from branding.web.pages.headshots import downloads
from headshots.errors import TooManyAtOnce
from tests.support.people import browser, person, sheet_of

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def alice():
    return person("alice")


def collect(answer):
    async def read():
        return [part async for part in answer.streaming_content]

    return async_to_sync(read)()


def test_zip_is_sent_in_parts_and_one_at_a_time(alice):
    render, client = sheet_of(alice, count=3), browser(alice)
    url = f"{reverse('web:zip')}?render={render.pk}"
    first = client.get(url)
    refused = client.get(url)
    assert refused.status_code == 429 and refused.headers["Retry-After"]
    parts = collect(first)
    assert len(parts) > 3
    assert len(zipfile.ZipFile(io.BytesIO(b"".join(parts))).namelist()) >= 3
    first.close()
    again = client.get(url)
    assert again.status_code == 200
    again.close()


def test_places_are_shared_by_processes_and_free_again_after_one_was_killed(alice, monkeypatch):
    one_process, another = (AccountSlots(2, "Two are under way.") for _ in range(2))
    first, _ = one_process.acquire(alice.pk), another.acquire(alice.pk)
    for slots in (one_process, another):
        with pytest.raises(TooManyAtOnce):
            slots.acquire(alice.pk)
    another.acquire(person("bob").pk)
    one_process.release(first)
    assert another.acquire(alice.pk) == first
    monkeypatch.setattr(concurrency, "LEASE_SECONDS", 0)  # over at once
    carol = person("carol")
    assert another.acquire(carol.pk) == one_process.acquire(carol.pk)


def test_zip_of_too_many_headshots_is_refused(alice, monkeypatch):
    monkeypatch.setattr(downloads, "MAX_HEADSHOTS", 2)
    render = sheet_of(alice, count=3)
    answer = browser(alice).get(f"{reverse('web:zip')}?render={render.pk}")
    assert answer.status_code == 429 and "Choose up to 2" in answer.content.decode()


def test_account_watches_five_renders_at_most(alice):
    render, client = sheet_of(alice, state="waiting"), browser(alice)
    url = f"/api/v1/renders/{render.pk}/events"
    streams = [client.get(url) for _ in range(5)]
    refused = client.get(url)
    assert refused.status_code == 429 and refused.json()["code"] == "too_many_at_once"
    carol = person("carol")
    other = browser(carol).get(f"/api/v1/renders/{sheet_of(carol, state='waiting').pk}/events")
    assert other.status_code == 200
    for stream in (*streams, other):
        stream.close()
    last = client.get(url)
    assert last.status_code == 200
    last.close()


def test_watchers_of_a_render_share_its_reads(monkeypatch):
    reads = []
    monkeypatch.setattr(render_events, "_read_render", lambda *_: reads.append(1) or {"id": 1})

    async def watch():
        poll = render_events.SharedPoll()
        return await asyncio.gather(*(poll.read(None, None) for _ in range(20)))

    assert async_to_sync(watch)() == [{"id": 1}] * 20
    assert len(reads) == 1


def test_schema_is_built_once(monkeypatch):
    client = browser()
    first = client.get("/api/schema/")
    assert first.status_code == 200 and "public" in first.headers["Cache-Control"]
    monkeypatch.setattr(catalog.SpectacularAPIView, "get", lambda *_: pytest.fail("again"))
    assert client.get("/api/schema/").content == first.content
