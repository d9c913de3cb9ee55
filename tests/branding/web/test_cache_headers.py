"""What only its owner may see is kept by no cache, and pictures of faces for hours at most."""

import re

import pytest

from headshots.services import previews
from tests.support import celery_messages
from tests.support.people import browser, person
from tests.support.urls import Belongings, every_address

pytestmark = pytest.mark.django_db(transaction=True)
HOURS = 6 * 3600
PUBLIC = {"sample_photo", "sample", "scene", "connect_document", "avatar", "avatar_named"}
PUBLIC |= {"avatar_hashed", "webfinger", "manifest", "favicon", "offline", "service_worker"}


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
