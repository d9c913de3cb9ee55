"""Tokens are made, shown once and revoked on a page."""

import re

import pytest
from django.urls import reverse

from branding.api.models import Token
from branding.api.services import find_valid_token
from tests.support.people import browser, person

pytestmark = pytest.mark.django_db
FORM_DATA = {"name": "backup", "scopes": ["read", "make"], "days": "30"}


def test_token_is_shown_once_and_ends_when_it_is_revoked():
    alice = person("alice")
    client, url = browser(alice), reverse("web:tokens")
    answer = client.post(url, FORM_DATA)
    text = re.search(r"<code>(facet_[^<]+)</code>", answer.content.decode())[1]
    token = find_valid_token(text)
    assert token.owner == alice and token.scopes == ["read", "make"] and token.expires_at
    assert "no-store" in answer.headers["Cache-Control"]
    again = client.get(url).content.decode()
    assert text not in again and token.tail in again
    client.post(reverse("web:token_revoke", args=[token.pk]))
    assert find_valid_token(text) is None and not Token.objects.exists()


@pytest.mark.parametrize(
    "wrong", [{"name": ""}, {"scopes": []}, {"scopes": ["all"]}, {"days": "9"}]
)
def test_token_needs_a_name_a_scope_and_a_time(wrong):
    answer = browser(person("alice")).post(reverse("web:tokens"), FORM_DATA | wrong)
    assert answer.status_code == 200 and "errorlist" in answer.content.decode()
    assert not Token.objects.exists()
