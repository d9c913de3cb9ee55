"""Every page answers, in every state, within its queries, and says what is wrong in words."""

import re
from html import unescape
from html.parser import HTMLParser
from itertools import count

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from branding.advice.models import AdviceSettings
from headshots.engine import thresholds
from headshots.engine.descriptions import OWN_BACKGROUND
from headshots.engine.io.decode import decode
from headshots.engine.operations import garments
from headshots.models import Photo, Variant
from headshots.selectors import recipe_of
from headshots.services import previews
from integrations.places import all_places
from integrations.publishing import choices, handoffs
from tests.support import celery_messages
from tests.support.people import browser, person, photo_of, selfie, sheet_of, variant_of

pytestmark = pytest.mark.django_db
QUERIES = 12
LAWYER = {"role": "lawyer", "audiences": ["clients"], "country": "DE"}
SEEDS = count()
PAGES = (
    "sheets",
    "make",
    "photos",
    "kit",
    "profiles",
    "refresh",
    "history",
    "account",
    "compare",
    "account_delete",
    "tokens",
    "api",
    "changes",
    "activity",
    "help",
    "schedules",
    "schedule_new",
    "this_month",
    "webhooks",
    "applications",
    "connect",
    "addresses",
    "advice",
    "advice_settings",
    "story",
    "photographers",
    "advice_calendar",
)
pages = pytest.mark.parametrize("name", PAGES)


@pytest.fixture(autouse=True)
def impatient(monkeypatch):
    """No worker runs here: what is asked of one is not waited for."""
    celery_messages.lose()
    monkeypatch.setattr(previews, "ANSWER_TIMEOUT_SECONDS", 0.05)


@pytest.fixture
def alice():
    return person("alice")


def fill(owner, *, variants):
    """Some sheets of ten, every state a photo or headshot can be in, and every place chosen."""
    photos = [photo_of(owner, seed=next(SEEDS), state=state) for state in Photo.State.values]
    for state in Variant.State.values:
        sheet_of(owner, photos[1], count=2, state=state)
    for _ in range(variants // 10):
        sheet = sheet_of(owner, photos[1], count=10)
    ready = list(sheet.variants.all())
    AdviceSettings.objects.update_or_create(owner=owner, defaults=LAWYER)
    for index, place in enumerate(all_places()):
        choices.choose_variant(ready[index % 10], [place])
    return sheet


def addresses(sheet):
    variant = sheet.variants.first()
    handoff = handoffs.begin_handoff(variant, "github")
    return [
        *(reverse(f"web:{name}") for name in PAGES),
        reverse("web:sheet", args=[sheet.pk]),
        reverse("web:refresh_review", args=[sheet.pk]),
        reverse("web:variant", args=[variant.pk]),
        reverse("web:photo", args=[variant.photo_id]),
        reverse("web:handoff", args=[handoff.pk]),
        reverse("web:phone", args=[handoff.link]),
        f"{reverse('web:progress', args=[sheet.pk])}?waiting={variant.pk}",
    ]


@pytest.mark.slow
def test_no_page_asks_more_the_more_there_is(alice):
    counts = {}
    for variants in (20, 180):
        sheet, client = fill(alice, variants=variants), browser(alice)
        for url in addresses(sheet):
            client.get(url)
            with CaptureQueriesContext(
                connection,
            ) as queries:
                assert client.get(url).status_code == 200, url
            counts.setdefault(re.sub(r"[0-9a-f-]{36}|/h/.*", "…", url), []).append(len(queries))
    assert all(max(query_counts) <= QUERIES for query_counts in counts.values()), {
        u: c for u, c in counts.items() if max(c) > QUERIES or c[1] > c[0] + 1
    }
    assert all(query_counts[1] <= query_counts[0] + 1 for query_counts in counts.values()), {
        u: c for u, c in counts.items() if max(c) > QUERIES or c[1] > c[0] + 1
    }


class Inline(HTMLParser):
    """Finds what a strict Content-Security-Policy forbids."""

    def __init__(self):
        super().__init__()
        self.found = []

    def handle_starttag(self, tag, attrs):
        attributes = dict(attrs)
        self.found += [name for name in attributes if name == "style" or name.startswith("on")]
        if tag == "style" or (tag == "script" and not attributes.get("src")):
            self.found += [tag] * (attributes.get("type") != "application/json")


@pytest.mark.slow
@pytest.mark.parametrize("filled", [False, True])
def test_pages_answer_and_need_nothing_inline(alice, filled):
    urls = [reverse(f"web:{name}") for name in PAGES]
    if filled:
        urls = addresses(fill(alice, variants=10))
    for url in [*urls, reverse("usersessions_list"), reverse("account_email")]:
        answer = browser(alice).get(url)
        assert answer.status_code == 200, url
        policy = answer.headers["Content-Security-Policy"]
        assert "unsafe" not in policy and "script-src 'self'" in policy
        page = Inline()
        page.feed(answer.content.decode())
        assert page.found == [], url


@pytest.mark.parametrize("state", [state for state in Variant.State.values if state != "ready"])
def test_headshot_that_is_not_there_says_why(alice, state):
    variant = variant_of(alice, state=state)
    client = browser(alice)
    page = client.get(reverse("web:variant", args=[variant.pk]))
    assert page.status_code == 200 and variant.reason in page.content.decode()
    download = client.get(reverse("web:variant_download", args=[variant.pk]))
    assert download.status_code == 409


def test_page_says_the_limit_of_likeness_that_is_kept(alice):
    page = browser(alice).get(reverse("web:variant", args=[variant_of(alice).pk]))
    assert f"nothing above {thresholds.MAX_LIKENESS_DISTANCE:.2f} is shown" in page.content.decode()


BAD = (
    ("web:variant_preview", "get", {"smile": "7"}, 400, "Smile"),
    ("web:variant_preview", "get", {"kelvin": "warm"}, 400, "Temperature"),
    ("web:variant_preview", "get", {"backdrop": "moon/noon"}, 400, "Background"),
    ("web:variant_preview", "get", {"head": "NaN"}, 400, "Zoom"),
    ("web:variant_preview", "get", {"garment": "toga"}, 400, "Clothes"),
    ("web:variant_preview", "get", {"garment": "blazer", "cloth": "mauve"}, 400, "no cloth"),
    ("web:variant_adjust", "post", {"retouch": "-1"}, 400, "Retouch"),
    ("web:variant_download", "get", {"place": "moon"}, 400, "no place"),
    ("web:variant_download", "get", {"size": "0"}, 400, "no such size"),
    ("web:variant_download", "get", {"size": "512", "format": "bmp"}, 400, "no such size"),
    ("web:choose", "post", {"variant": "x", "places": "linkedin"}, 404, ""),
    ("web:choose", "post", {"variant": "{pk}", "places": "moon"}, 400, "no place"),
    ("web:handoff_begin", "post", {"variant": "{pk}", "place": "moon"}, 400, "no place"),
    ("web:handoff_begin", "post", {"variant": "{pk}", "place": "avatar"}, 409, "not set by hand"),
    ("web:handoff_begin", "post", {"variant": "x", "place": "linkedin"}, 404, ""),
    ("web:make", "post", {"photos": "x", "looks": "linkedin"}, 409, "photo"),
    ("web:make", "post", {"photos": "{photo}", "looks": "moon"}, 400, "no look"),
    ("web:make", "post", {}, 400, "no look"),
    ("web:compare", "get", {"a": "x", "b": "y"}, 200, ""),
    ("web:zip", "get", {"ids": "x", "render": "y"}, 409, "no headshot"),
    ("web:kit", "post", {"accent": "green"}, 200, "#0B6E4F"),
    ("web:kit", "post", {"backdrop": "scene", "smile_low": "0", "smile_high": "0"}, 200, "room"),
    ("web:photos", "post", {}, 400, "No photo arrived"),
    ("web:hint", "post", {}, 400, "JPEG"),
    ("web:account_delete", "post", {"email": "bob@example.com"}, 200, "not the address"),
)


@pytest.mark.parametrize(("name", "method", "fields", "status", "said"), BAD)
def test_bad_input_gets_a_clear_answer(alice, name, method, fields, status, said):
    variant = variant_of(alice)
    known = {"pk": variant.pk, "photo": variant.photo_id}
    args = [variant.pk] if name.startswith("web:variant_") else []
    sent = {key: value.format(**known) for key, value in fields.items()}
    answer = getattr(browser(alice), method)(reverse(name, args=args), sent)
    assert answer.status_code == status
    assert said in answer.content.decode()


def test_clothes_are_chosen_in_the_editor_and_saved_in_the_new_version(alice):
    variant = variant_of(alice)
    client = browser(alice)
    page = client.get(reverse("web:variant", args=[variant.pk])).content.decode()
    for slug in garments.wardrobe():
        assert f'value="{slug}"' in page and reverse("web:garment", args=[slug]) in page
    sent = {"garment": "roll-neck", "cloth": "camel"}
    answer = client.post(reverse("web:variant_adjust", args=[variant.pk]), sent)
    version = Variant.objects.exclude(pk=variant.pk).get()
    assert answer.url == reverse("web:variant", args=[version.pk])
    dress = recipe_of(version).step_params("dress")
    assert (dress.garment, dress.color) == ("roll-neck", "camel")


@pytest.mark.parametrize("slug", list(garments.wardrobe()))
def test_every_garment_has_a_thumbnail(client, slug):
    answer = client.get(reverse("web:garment", args=[slug]))
    assert answer["Content-Type"] == "image/jpeg" and decode(answer.content).std() > 20


def test_a_garment_that_does_not_exist_has_no_thumbnail(client):
    assert client.get(reverse("web:garment", args=["toga"])).status_code == 404


def test_program_is_told_of_a_refusal_in_words(alice):
    url = reverse("web:variant_preview", args=[variant_of(alice).pk])
    answer = browser(alice).get(
        url, {"smile": "7"}, headers={"accept": "image/jpeg, application/json"}
    )
    assert set(answer.json()) == {"code", "message", "advice"}


def test_preview_without_a_worker_says_busy(alice):
    answer = browser(alice).get(reverse("web:variant_preview", args=[variant_of(alice).pk]))
    assert answer.status_code == 503


def test_each_file_of_an_upload_succeeds_or_fails_alone(alice):
    sent = [
        SimpleUploadedFile("letter.jpg", b"Dear Alice"),
        SimpleUploadedFile("me.txt", selfie()),
    ]
    answer = browser(alice).post(reverse("web:photos"), {"photos": sent})
    assert answer.status_code == 400 and "letter.jpg" in answer.content.decode()
    assert [photo.name for photo in Photo.objects.all()] == ["me.txt"]


@pytest.mark.parametrize("verb", ["keep", "discard", "restore"])
def test_verbs_go_back_where_one_came_from_and_nowhere_else(alice, verb):
    url = reverse(f"web:variant_{verb}", args=[variant_of(alice).pk])
    assert browser(alice).post(url, {"next": "/history/"}).url == "/history/"
    assert "evil" not in browser(alice).post(url, {"next": "https://evil.example/"}).url


def test_sheet_says_in_words_why_a_headshot_kept_its_own_background(alice):
    sheet = sheet_of(alice, count=3)
    sentence = f"{OWN_BACKGROUND} the shoulders cannot be told from what is behind them."
    sheet.variants.filter(look__in=("linkedin", "corporate")).update(notes=[sentence])
    sheet.variants.filter(look="approachable").update(notes=["A note about the crop."])
    html = unescape(browser(alice).get(reverse("web:sheet", args=[sheet.pk])).content.decode())
    page = html.partition('id="selected"')[0]
    assert page.count(sentence) == 1
    assert "A note about the crop." not in page
