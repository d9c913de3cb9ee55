"""An OAuth application that uses requests-oauthlib, and a person who answers the consent page."""

import base64
import hashlib
import re
from html import unescape
from urllib.parse import parse_qs, urlsplit

from django.core import serializers
from requests_oauthlib import OAuth2Session
from rest_framework.test import APIClient

from branding.operations.backups.rows import backed_up_models
from tests.support.people import browser

BACK = "https://diary.example/back"
AUTHORIZE, TOKEN, REVOKE = "/o/authorize/", "/o/token/", "/o/revoke/"
VERIFIER = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
CHALLENGE = base64.urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).decode()[:-1]


class ThirdPartyClient(OAuth2Session):
    """An application of a third party."""

    def __init__(self, site, application, secret="", redirect=BACK, scope=("read",)):
        super().__init__(application.client_id, redirect_uri=redirect, scope=scope, pkce="S256")
        self.site, self.secret = site, secret

    def authorization_address(self):
        return self.authorization_url(f"{self.site}{AUTHORIZE}")[0]

    def exchange_answer(self, answer):
        credentials = {"client_secret": self.secret} if self.secret else {}
        url = f"{self.site}{TOKEN}"
        return self.fetch_token(
            url, authorization_response=answer, include_client_id=True, timeout=20, **credentials
        )

    def renew_token(self, token):
        credentials = {"client_id": self.client_id, "client_secret": self.secret}
        return self.refresh_token(
            f"{self.site}{TOKEN}", token["refresh_token"], timeout=20, **credentials
        )

    def revoke_token(self, text):
        fields = {"token": text, "client_id": self.client_id, "client_secret": self.secret}
        return self.post(f"{self.site}{REVOKE}", fields, withhold_token=True, timeout=20)


def answer_consent(owner, url, answer="yes"):
    """Answer the consent page as a person; return the address that the page leads to."""
    client, parts = browser(owner), urlsplit(url)
    page = client.get(f"{parts.path}?{parts.query}")
    assert page.status_code == 200 and "no-store" in page.headers["Cache-Control"]
    return redirect_target(
        client.post(parts.path, hidden_fields(page) | ({"allow": answer} if answer else {}))
    )


def hidden_fields(page):
    pairs = re.findall(r'type="hidden" name="(\w+)"(?: value="([^"]*)")?', page.content.decode())
    return {name: unescape(value) for name, value in pairs if value}


def redirect_target(answer):
    """Return the address that a page leads to by a meta refresh.

    It is not a redirect: the form-action of our content security policy would stop that.
    """
    assert answer.status_code == 200, answer.content
    return unescape(re.search(r'content="0;url=([^"]+)"', answer.content.decode())[1])


def query_parameters(url):
    return {name: values[0] for name, values in parse_qs(urlsplit(url).query).items()}


def authorization_parameters(application, **changed):
    parameters = {
        "client_id": application.client_id,
        "response_type": "code",
        "redirect_uri": BACK,
        "scope": "read",
        "state": "kept",
        "code_challenge": CHALLENGE,
        "code_challenge_method": "S256",
        **changed,
    }
    return {name: value for name, value in parameters.items() if value is not None}


def request_code(owner, application, **changed):
    page = browser(owner).get(AUTHORIZE, authorization_parameters(application, **changed))
    return query_parameters(
        redirect_target(browser(owner).post(AUTHORIZE, hidden_fields(page) | {"allow": "yes"}))
    )["code"]


def exchange_code(application, secret, **changed):
    fields = {
        "grant_type": "authorization_code",
        "redirect_uri": BACK,
        "code_verifier": VERIFIER,
        "client_id": application.client_id,
        "client_secret": secret,
        **changed,
    }
    return browser().post(
        TOKEN, {name: value for name, value in fields.items() if value is not None}
    )


def call_api(text, path="/api/v1/me", method="get", **fields):
    client = APIClient(HTTP_HOST="localhost", HTTP_AUTHORIZATION=f"Bearer {text}")
    return getattr(client, method)(path, fields or None, format="json")


def dump_rows():
    """Return every row of the database, as a backup writes it."""
    return "".join(
        serializers.serialize("jsonl", model._base_manager.all()) for model in backed_up_models()
    )
