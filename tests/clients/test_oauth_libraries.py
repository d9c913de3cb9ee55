"""Two strict OAuth libraries connect an application, renew, and understand every refusal."""

import json

import pytest
from django.core.cache import cache

from branding.api.services import register_application
from tests.support.oauth_client import (
    AUTHORIZE,
    BACK,
    VERIFIER,
    authorization_parameters,
    hidden_fields,
    redirect_target,
)
from tests.support.people import browser, person

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]


def test_strict_clients_connect_renew_and_understand_refusals(run_tool, live_server, settings):
    cache.clear()
    settings.SITE_URL = live_server.url
    settings.OAUTH2_PROVIDER = {**settings.OAUTH2_PROVIDER, "OIDC_ISS_ENDPOINT": live_server.url}
    application, secret = register_application(
        person("maker"), "Diary", website=BACK, redirects=[BACK], is_confidential=True
    )
    alice = browser(person("alice"))
    question = authorization_parameters(application)
    consent = alice.get(AUTHORIZE, question)
    allowed = redirect_target(alice.post(AUTHORIZE, hidden_fields(consent) | {"allow": "yes"}))
    refused = redirect_target(alice.get(AUTHORIZE, {**question, "scope": "everything"}))
    output = run_tool(
        "../oauth.mjs",
        SITE=live_server.url,
        CLIENT_ID=application.client_id,
        CLIENT_SECRET=secret,
        ALLOWED=allowed,
        REFUSED=refused,
        VERIFIER=VERIFIER,
        STATE=question["state"],
    )
    result = json.loads(output)
    assert result["refusal"] == "invalid_scope"
    assert result["me"]["email"] == "alice@example.com"
    assert result["challenges"].startswith("Basic ")
    assert result["invalidToken"] == "invalid_token"
