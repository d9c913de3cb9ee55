"""Tokens open what they say, to whom they belong, as long as they hold; refusals are words."""

from datetime import timedelta

import pytest
from django.core.cache import cache
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import override_settings
from django.urls import reverse
from django.utils import timezone
from rest_framework.settings import api_settings
from rest_framework.test import APIClient

from branding.api import authentication, throttling
from branding.api.models import Answered, Scope, Token
from branding.api.services import TOKEN_PREFIX, create_token, delete_old_responses, revoke_token
from headshots.errors import PhotoLimitReached
from tests.api.conftest import api_client_for
from tests.support.people import browser, person, photo_of, selfie, sheet_of, snapshot

pytestmark = pytest.mark.django_db
V1 = "/api/v1"


def test_token_is_shown_once_and_kept_as_a_hash(alice):
    token, text = create_token(alice, "backup", scopes=["read"])
    assert text.startswith(TOKEN_PREFIX) and text.endswith(token.tail)
    stored = str(Token.objects.values().get())
    assert text not in stored and text.removeprefix(TOKEN_PREFIX) not in stored


@pytest.mark.parametrize("shown", ["", "Bearer", "Bearer nothing", "Bearer a b", "Bearer ÿ"])
def test_wrong_token_is_refused_in_words(shown):
    client = APIClient(HTTP_HOST="localhost")
    answer = client.get(f"{V1}/me", HTTP_AUTHORIZATION=shown)
    assert answer.status_code == 401 and answer.headers["WWW-Authenticate"].startswith("Bearer")
    assert set(answer.json()) == {"code", "message", "advice", "fields"}


def test_expired_and_revoked_tokens_end(alice):
    token, text = create_token(alice, "short", scopes=["read"], days=1)
    client = APIClient(HTTP_HOST="localhost", HTTP_AUTHORIZATION=f"Bearer {text}")
    assert client.get(f"{V1}/me").json()["email"] == alice.email
    assert Token.objects.get().used_at is not None
    Token.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    assert client.get(f"{V1}/me").status_code == 401
    Token.objects.update(expires_at=None)
    assert client.get(f"{V1}/me").status_code == 200
    revoke_token(token)
    assert client.get(f"{V1}/me").status_code == 401


def test_token_does_what_its_scopes_say(alice):
    url = f"{V1}/variants/{sheet_of(alice).variants.first().pk}"
    reader, maker = api_client_for(alice, Scope.READ), api_client_for(alice, Scope.MAKE)
    assert reader.get(url).status_code == 200
    refused = reader.patch(url, {"kept": True}, format="json")
    assert refused.status_code == 403 and "scope" in refused.json()["advice"]
    assert maker.patch(url, {"kept": True}, format="json").status_code == 200
    assert maker.get(url).status_code == 403


def test_person_who_is_signed_in_needs_no_token_but_a_csrf_token(alice):
    signed_in = APIClient(HTTP_HOST="localhost", enforce_csrf_checks=True)
    signed_in.force_login(alice)
    assert signed_in.get(f"{V1}/me").json()["scopes"] == Scope.values
    assert signed_in.patch(f"{V1}/kit", {"name": "A"}, format="json").status_code == 403


def test_account_has_a_limited_number_of_tokens(alice):
    Token.objects.bulk_create(Token(owner=alice, name=str(n), digest=str(n)) for n in range(50))
    with pytest.raises(PhotoLimitReached):
        create_token(alice, "one more", scopes=["read"])


def test_stranger_finds_nothing_and_changes_nothing(alice):
    photo = photo_of(alice)
    render = sheet_of(alice, photo)
    variant = render.variants.first()
    before, carol = snapshot(alice), api_client_for(person("carol"))
    for name, pk in (("photo", photo.pk), ("render", render.pk), ("variant", variant.pk)):
        for part in ("", "-picture", "-untouched", "-again", "-events", "-file", "-adjust"):
            if not _has_operation(f"api:{name}{part}"):
                continue
            url = reverse(f"api:{name}{part}", args=[pk])
            for method in ("get", "post", "patch", "put", "delete"):
                answer = getattr(carol, method)(url, {}, format="json")
                assert answer.status_code in (404, 405), (method, url)
    wish = {"photos": [str(photo.pk)], "looks": ["linkedin"]}
    assert carol.post(f"{V1}/renders", wish, format="json").status_code == 404
    chosen = {"variant": str(variant.pk), "places": ["x"]}
    assert carol.post(f"{V1}/choices", chosen, format="json").status_code == 404
    for query in (f"render={render.pk}", f"photo={photo.pk}"):
        assert carol.get(f"{V1}/variants?{query}").json()["results"] == []
    assert snapshot(alice) == before


def _has_operation(name):
    return name.partition(":")[2] in {pattern.name for pattern in _url_patterns()}


def _url_patterns():
    from branding.api.urls import urlpatterns  # noqa: PLC0415  after Django is ready

    return urlpatterns


@pytest.mark.parametrize(
    ("path", "sent", "field"),
    [
        ("renders", {"photos": []}, "photos"),
        ("renders", {"photos": ["x"]}, "photos"),
        (
            "renders",
            {"photos": ["5a0e9a52-1d4f-4c54-9c1a-1a6f7f1d2f60"], "looks": ["moon"]},
            "looks",
        ),
        ("renders", {"photo": "x"}, "photo"),
        ("choices", {"variant": 7, "places": ["x"]}, "variant"),
    ],
)
def test_bad_input_is_refused_field_by_field(client, path, sent, field):
    answer = client.post(f"{V1}/{path}", sent, format="json")
    assert answer.status_code == 400 and answer.json()["code"] == "invalid"
    assert field in answer.json()["fields"]


def test_empty_word_is_no_answer_to_yes_or_no(client):
    sent = {"file": SimpleUploadedFile("selfie.jpg", selfie()), "professional": ""}
    answer = client.post(f"{V1}/photos", sent, format="multipart")
    assert answer.status_code == 400 and "professional" in answer.json()["fields"]


def test_engines_refusal_has_its_own_code(client, alice):
    failed = sheet_of(alice, state="failed").variants.first()
    answer = client.get(f"{V1}/variants/{failed.pk}/file")
    assert answer.status_code == 409 and answer.json()["code"] == "not_ready"


def test_too_many_calls_are_told_to_wait(client, monkeypatch):
    cache.clear()
    monkeypatch.setattr(throttling.TokenRateThrottle, "get_rate", lambda _: "2/min")
    answers = [client.get(f"{V1}/me") for _ in range(3)]
    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert int(answers[-1].headers["Retry-After"]) > 0 and answers[-1].json()["code"] == "throttled"


def test_answers_are_forgotten_after_a_day(alice):
    old = timezone.now() - timedelta(days=2)
    Answered.objects.create(owner=alice, key="old", fingerprint="", status=201, asked_at=old)
    Answered.objects.create(owner=alice, key="new", fingerprint="", status=201)
    assert delete_old_responses() == 1 and Answered.objects.get().key == "new"


@override_settings(DEBUG=False)
def test_browser_of_a_stranger_is_not_let_in():
    assert browser().get(f"{V1}/photos").status_code == 401
    assert [authentication.ScopePermission] == api_settings.DEFAULT_PERMISSION_CLASSES
