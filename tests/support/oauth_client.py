"""An OAuth application that uses requests-oauthlib, and a person who answers the consent page."""

import base64
import hashlib
import re
from html import unescape
from urllib.parse import parse_qs, urlsplit

from django.core import serializers
from requests_oauthlib import OAuth2Session
from rest_framework.test import APIClient

from branding.operations.backup import every_model
from tests.support.people import browser

BACK = "https://diary.example/back"
AUTHORIZE, TOKEN, REVOKE = "/o/authorize/", "/o/token/", "/o/revoke/"
VERIFIER = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
CHALLENGE = base64.urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).decode()[:-1]


class Program(OAuth2Session):
    """An application of a third party."""

    def __init__(self, site, application, secret="", redirect=BACK, scope=("read",)):
        super().__init__(application.client_id, redirect_uri=redirect, scope=scope, pkce="S256")
        self.site, self.secret = site, secret

    def asks(self):
        return self.authorization_url(f"{self.site}{AUTHORIZE}")[0]

    def redeems(self, answer):
        told = {"client_secret": self.secret} if self.secret else {}
        url = f"{self.site}{TOKEN}"
        return self.fetch_token(
            url, authorization_response=answer, include_client_id=True, timeout=20, **told
        )

    def renews(self, token):
        told = {"client_id": self.client_id, "client_secret": self.secret}
        return self.refresh_token(f"{self.site}{TOKEN}", token["refresh_token"], timeout=20, **told)

    def revokes(self, text):
        told = {"token": text, "client_id": self.client_id, "client_secret": self.secret}
        return self.post(f"{self.site}{REVOKE}", told, withhold_token=True, timeout=20)


def says(owner, url, answer="yes"):
    """Answer the consent page as a person; return the address that the page leads to."""
    client, where = browser(owner), urlsplit(url)
    page = client.get(f"{where.path}?{where.query}")
    assert page.status_code == 200 and "no-store" in page.headers["Cache-Control"]
    return led(client.post(where.path, hidden(page) | ({"allow": answer} if answer else {})))


def hidden(page):
    found = re.findall(r'type="hidden" name="(\w+)"(?: value="([^"]*)")?', page.content.decode())
    return {name: unescape(value) for name, value in found if value}


def led(answer):
    """Return the address that a page leads to by a meta refresh.

    It is not a redirect: the form-action of our content security policy would stop that.
    """
    assert answer.status_code == 200, answer.content
    return unescape(re.search(r'content="0;url=([^"]+)"', answer.content.decode())[1])


def query(url):
    return {name: values[0] for name, values in parse_qs(urlsplit(url).query).items()}


def asking(application, **changed):
    told = {
        "client_id": application.client_id,
        "response_type": "code",
        "redirect_uri": BACK,
        "scope": "read",
        "state": "kept",
        "code_challenge": CHALLENGE,
        "code_challenge_method": "S256",
        **changed,
    }
    return {name: value for name, value in told.items() if value is not None}


def code_for(owner, application, **changed):
    page = browser(owner).get(AUTHORIZE, asking(application, **changed))
    return query(led(browser(owner).post(AUTHORIZE, hidden(page) | {"allow": "yes"})))["code"]


def exchange(application, secret, **told):
    fields = {
        "grant_type": "authorization_code",
        "redirect_uri": BACK,
        "code_verifier": VERIFIER,
        "client_id": application.client_id,
        "client_secret": secret,
        **told,
    }
    return browser().post(
        TOKEN, {name: value for name, value in fields.items() if value is not None}
    )


def calls(text, path="/api/v1/me", method="get", **told):
    client = APIClient(HTTP_HOST="localhost", HTTP_AUTHORIZATION=f"Bearer {text}")
    return getattr(client, method)(path, told or None, format="json")


def dump():
    """Return every row of the database, as a backup writes it."""
    return "".join(
        serializers.serialize("jsonl", model._base_manager.all()) for model in every_model()
    )
