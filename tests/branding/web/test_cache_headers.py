"""What only its owner may see is kept by no cache, and pictures of faces for hours at most."""

import re

import pytest

from headshots.services import previews
from tests.support import celery_messages
from tests.support.people import browser, person
from tests.support.urls import Belongings, every_address

pytestmark = pytest.mark.django_db(transaction=True)
HOURS = 6 * 3600
PUBLIC = {
    "sample_photo",
    "sample",
    "scene",
    "garment",
    "connect_document",
    "avatar",
    "avatar_named",
}
PUBLIC |= {
    "proof_badge",
    "avatar_hashed",
    "webfinger",
    "manifest",
    "favicon",
    "offline",
    "service_worker",
}


@pytest.mark.slow
def test_private_responses_are_kept_private(monkeypatch):
    celery_messages.lose()
    monkeypatch.setattr(previews, "ANSWER_TIMEOUT_SECONDS", 0.05)
    owner = Belongings(person("alice"))
    client, seen = browser(owner.owner, raise_request_exception=False), 0
    for address in every_address():
        if address.name.partition(":")[2] in PUBLIC or address.name == "api:schema":
            continue
        for url in owner.urls(address):
            answer = client.get(url)
            rule = answer.headers["Cache-Control"]
            assert "no-store" in rule or "private" in rule, (url, rule)
            age = re.search(r"max-age=(\d+)", rule)
            assert age is None or int(age[1]) <= HOURS, (url, rule)
            seen += answer.status_code == 200
            answer.close()
    assert seen > 40


def test_pages_of_strangers_and_etags():
    client = browser(person("alice"))
    assert client.get("/account/").headers["Cache-Control"] == "no-store"
    assert client.get("/api/v1/kit").headers["Cache-Control"] == "private, no-cache"


def test_public_responses_are_kept_once_for_all_languages_and_cookies(monkeypatch):
    """Whatever says `public` is the same for everybody, byte by byte."""
    celery_messages.lose()
    monkeypatch.setattr(previews, "ANSWER_TIMEOUT_SECONDS", 0.05)
    owner = Belongings(person("alice"))
    clients, seen = (browser(owner.owner), browser()), set()
    for address in every_address():
        for url in owner.urls(address) if address.name.partition(":")[2] in PUBLIC else ():
            answers = [
                client.get(url, headers={"Accept-Language": language})
                for client, language in zip(clients, ("de", "en-GB"), strict=True)
            ]
            if any("public" in answer.headers["Cache-Control"] for answer in answers):
                first, other = [(answer.content, answer.status_code) for answer in answers]
                assert first == other, url
                assert not {"Set-Cookie", "Content-Language"} & set(answers[0].headers), url
                assert answers[0].headers.get("Vary", "") in ("", "Accept"), url
                seen.add(address.name.partition(":")[2])
    assert seen >= {"avatar", "avatar_named", "avatar_hashed", "webfinger", "sample_photo", "scene"}
