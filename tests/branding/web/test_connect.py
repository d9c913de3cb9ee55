"""Connecting from pages: every platform of the registry, every way it can go, no token shown."""

import hashlib
import html
import io
import json

import pytest
from allauth.mfa.models import Authenticator
from django.core.management import call_command
from django.db import connection as database
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from headshots.services import previews
from integrations.auth.factory import FLOW_CLASSES
from integrations.auth.flow import Tokens
from integrations.capabilities import list_capabilities
from integrations.connections import services as connection_services
from integrations.connections import sign_in_setup
from integrations.models import Connection, Grant, Handshake
from integrations.places import all_places
from integrations.platforms import registry
from integrations.platforms.base import AccountIdentity, ApiToken, PlatformKind
from integrations.vault import SigningKey
from tests.support import celery_messages
from tests.support.people import browser, person, variant_of
from tests.support.platforms.mastodon import FakeMastodon
from tests.support.platforms.scripted_server import ScriptedResponse
from tests.support.urls import Belongings, every_address

pytestmark = pytest.mark.django_db(transaction=True)
PLATFORMS = registry.all_platforms()
RETURNING = [item for item in PLATFORMS if FLOW_CLASSES[type(item.auth[0])].uses_redirect]
PASTED = [item for item in PLATFORMS if type(item.auth[-1]) is ApiToken]
CANARY = "canary-3b7e1d90c2-token"
BINDING, STATE, ISSUER = "this very session", "a state", "https://issuer.example"


def named(platform):
    return platform.slug


every_platform = pytest.mark.parametrize("platform", PLATFORMS, ids=named)
every_returning = pytest.mark.parametrize("platform", RETURNING, ids=named)
let_in = pytest.mark.usefixtures("letting_in")
every_pasted = pytest.mark.parametrize("platform", PASTED, ids=named)


@pytest.fixture(autouse=True)
def set_up(settings, monkeypatch):
    """The operator set every platform up; no worker runs."""
    celery_messages.lose()
    monkeypatch.setattr(previews, "ANSWER_TIMEOUT_SECONDS", 0.05)
    keys = [name for item in PLATFORMS for name in item.needs]
    settings.PLATFORM_KEYS = dict.fromkeys(keys, "told by the platform")


@pytest.fixture
def alice():
    return person("alice")


@pytest.fixture
def bob():
    return person("bob")


@pytest.fixture
def instance():
    server = FakeMastodon()
    yield server
    server.close()


@pytest.fixture
def letting_in(monkeypatch):
    """Every platform says yes, to the same account."""
    tokens, who = (
        Tokens(access=CANARY, refresh=CANARY, more=MORE),
        AccountIdentity("account-1", "@alice"),
    )
    for flow in FLOW_CLASSES.values():
        monkeypatch.setattr(flow, "finish_sign_in", lambda *_: tokens)
    for adapter in registry.ADAPTERS:
        monkeypatch.setattr(type(adapter), "identify_account", lambda *_: who)


MORE = {
    **dict.fromkeys(("user", "email", "secret", "password"), CANARY),
    "key": SigningKey.generate().private_number,
}


def hashed(text):
    return hashlib.sha256(text.encode()).hexdigest()


def sent_away(owner, platform):
    """A browser whose person was sent to the platform a moment ago."""
    client = browser(owner)
    session = client.session
    session["connecting"] = BINDING
    session.save()
    server = platform.server if isinstance(platform.server, str) else "https://a.example"
    row = Handshake(
        owner=owner,
        platform=platform.slug,
        server=server,
        state=hashed(STATE),
        binding=hashed(BINDING),
        expires_at=timezone.now() + connection_services.HANDSHAKE_LIFETIME,
    )
    memory = {"issuer": ISSUER, "token": "t", "secret": "s", "verifier": "v", "did": "", "key": ""}
    row.seal({"memory": memory, "remembered": {"client": ["id", "secret"]}})
    row.save()
    return client


def come_back(client, platform, **parameters):
    url = reverse("web:connect_callback", args=[platform.slug])
    return client.get(url, {"state": STATE, "iss": ISSUER, **parameters}, follow=True)


def way_page(platform):
    return reverse("web:connect_platform", args=[platform.slug])


def paste(client, platform, server, secret=CANARY):
    way = len(platform.auth) - 1
    fields = {item.name: secret if item.secret else "alice" for item in platform.auth[way].fields}
    return client.post(way_page(platform), {"way": way, "server": server, **fields}, follow=True)


def text_of(answer):
    return html.unescape(answer.content.decode())


def test_every_place_can_be_added_from_one_page(alice):
    client = browser(alice)
    with CaptureQueriesContext(database) as queries:
        shown = text_of(client.get(reverse("web:connect")))
    assert len(queries) <= 12
    for slug, place in all_places().items():
        assert place.name in shown
        connect = f'href="{reverse("web:connect_platform", args=[slug])}"'
        choose = f'href="{reverse("web:profile_headshot", args=[slug])}"'
        assert connect in shown or choose in shown


@pytest.mark.parametrize("script", [{}, {"HTTP_HX_REQUEST": "true"}], ids=["visit", "live"])
def test_search_finds_by_name_and_says_when_nothing_does(alice, script):
    client = browser(alice)
    response = client.get(reverse("web:connect"), {"q": "  CODEberg "}, **script)
    assert b"Forgejo" in response.content and b"Mastodon, Pixelfed" not in response.content
    assert (b"<html" in response.content) == (not script)
    nothing = text_of(client.get(reverse("web:connect"), {"q": "<script>"}, **script))
    assert "“<script>”" in nothing


def test_somebody_without_profiles_is_asked_where_they_are_seen(alice):
    variant = variant_of(alice)
    question = text_of(browser(alice).get(reverse("web:profiles")))
    assert "Where are you seen?" in question and 'value="linkedin"' in question
    fields = {"variant": variant.pk, "places": ["linkedin", "slack"]}
    page = text_of(browser(alice).post(reverse("web:choose"), fields, follow=True))
    assert "Set for LinkedIn and Slack" in page and "Where are you seen?" not in page
    assert "Headshot for" not in page and page.count("profile-card is-") >= 2


@pytest.mark.slow
@pytest.mark.parametrize("row", list_capabilities(), ids=named)
def test_every_place_has_a_page_that_says_what_it_takes(alice, row):
    client = browser(alice)
    with CaptureQueriesContext(database) as queries:
        answer = client.get(reverse("web:connect_platform", args=[row.slug]))
    assert answer.status_code == 200 and len(queries) <= 12
    shown = text_of(answer)
    assert row.asks in shown and row.warning in shown and row.limits in shown
    assert all(scope in shown for scope in row.scopes)
    known = row.kind in (PlatformKind.API, PlatformKind.ADMIN)
    assert ('name="way" value="0"' in shown) == known
    assert row.docs in shown


@every_platform
def test_only_an_administrator_sees_how_a_platform_is_set_up(alice, platform, settings):
    settings.PLATFORM_KEYS = {}
    assert not any(
        name in text_of(browser(alice).get(way_page(platform))) for name in platform.needs
    )
    alice.is_staff = True
    alice.save()
    shown = text_of(browser(alice).get(way_page(platform)))
    if not platform.needs:
        assert "For you as administrator" not in shown
        return
    assert "For you as administrator" in shown and all(name in shown for name in platform.needs)
    address = f"{settings.SITE_URL}/connect/{platform.slug}/callback/"
    assert address == sign_in_setup.build_redirect_uri(platform.slug) and address in shown
    assert 'name="way" value="0"' not in shown
    refused = browser(alice).post(way_page(platform), {"way": 0})
    assert refused.status_code == 200 and not Handshake.objects.exists()


@every_returning
@let_in
def test_person_is_sent_to_the_platform_and_comes_back_connected(alice, platform):
    answer = come_back(sent_away(alice, platform), platform, code="c")
    connection = Connection.objects.get()
    assert answer.redirect_chain[-1][0] == reverse("web:connection", args=[connection.pk])
    assert answer.status_code == 200 and "@alice is connected" in text_of(answer)
    assert connection.slug == platform.slug and not Handshake.objects.exists()


@every_returning
def test_saying_no_there_is_calm(alice, platform):
    parameters = {"denied": "t"} if platform.slug == "x" else {"error": "access_denied"}
    answer = come_back(sent_away(alice, platform), platform, **parameters)
    assert answer.status_code == 200 and "You cancelled" in text_of(answer)
    assert answer.redirect_chain[-1][0] == way_page(platform)
    assert not Connection.objects.exists()


@every_returning
@let_in
def test_answer_to_no_question_is_a_page_that_helps(alice, platform):
    for client in (browser(alice), sent_away(person("eve"), platform)):
        answer = come_back(client, platform, code="c", state="another")
        assert answer.status_code == 400 and "Start again" in text_of(answer)
        assert 'name="way" value="0"' in text_of(answer)
    assert not Connection.objects.exists()


@every_returning
@let_in
def test_account_of_somebody_else_is_not_taken(alice, bob, platform):
    come_back(sent_away(bob, platform), platform, code="c")
    answer = come_back(sent_away(alice, platform), platform, code="c")
    assert answer.status_code == 400 and "connected by somebody else" in text_of(answer)
    assert Connection.objects.get().owner == bob and CANARY not in text_of(answer)


@pytest.mark.parametrize("live", [{}, {"HTTP_HX_REQUEST": "true"}], ids=["visit", "live"])
def test_page_waits_until_the_person_has_said_yes(alice, cloud, live):
    platform, client = registry.get_adapter("nextcloud").platform, browser(alice)
    here = reverse("web:connect_wait", args=["nextcloud"])
    assert client.get(here).url == way_page(platform)  # nothing was asked
    sent = client.post(way_page(platform), {"way": 0, "server": cloud.url}, follow=True)
    assert sent.redirect_chain[-1][0] == here
    assert f'href="{cloud.url}/index.php/login/v2/flow/canary"' in text_of(sent)
    waiting = client.get(here, **live)
    assert waiting.status_code == (204 if live else 200)
    cloud.says_yes = True
    done = client.get(here, **live)
    connection = Connection.objects.get()
    assert done.headers.get("HX-Redirect" if live else "Location") == reverse(
        "web:connection", args=[connection.pk]
    )
    assert "Alice is connected" in text_of(client.get(way_page(platform)))
    assert client.get(here).url == way_page(platform)


@pytest.mark.parametrize("live", [{}, {"HTTP_HX_REQUEST": "true"}], ids=["visit", "live"])
def test_page_that_waited_too_long_says_so(alice, cloud, live):
    platform, client = registry.get_adapter("nextcloud").platform, browser(alice)
    client.post(way_page(platform), {"way": 0, "server": cloud.url})
    Handshake.objects.update(expires_at=timezone.now())
    done = client.get(reverse("web:connect_wait", args=["nextcloud"]), **live)
    assert done.headers["HX-Redirect" if live else "Location"] == way_page(platform)
    assert "came too late" in text_of(client.get(way_page(platform)))


@every_pasted
@let_in
def test_what_is_pasted_is_tried_and_kept(alice, bob, platform, script):
    server = script.url.removeprefix("http://")
    answer = paste(browser(alice), platform, server)
    connection = Connection.objects.get()
    assert "@alice is connected" in text_of(answer) and connection.server == script.url
    again = paste(browser(bob), platform, server)
    assert "connected by somebody else" in text_of(again)
    assert Connection.objects.get().owner == alice
    assert CANARY not in text_of(answer) + text_of(again)


@every_pasted
def test_pasted_token_that_is_refused_says_so_and_is_not_shown(alice, platform, script):
    script.responses = Refusing()
    answer = paste(browser(alice), platform, script.url)
    shown = text_of(answer)
    assert answer.status_code == 200 and "errorlist nonfield" in shown
    assert script.requests and CANARY not in shown and not Grant.objects.exists()
    assert script.url in shown  # what was typed is still there


class Refusing(dict):
    """Whatever is asked, it says no and repeats all it was sent."""

    def get(self, *_):
        return self.refuse

    @staticmethod
    def refuse(request):
        return ScriptedResponse(
            401, json.dumps({"error": [*request.headers.values(), str(request.body)]}).encode()
        )


@every_pasted
def test_nothing_pasted_is_asked_for_again(alice, platform):
    answer = paste(browser(alice), platform, "a.example", secret="")
    assert "This field is required" in text_of(answer)


@pytest.mark.parametrize("server", ["169.254.169.254", "localhost.", "10.0.0.1", "a b", "x"])
def test_server_that_may_not_be_spoken_to_is_said_on_the_page(alice, server):
    mastodon = registry.get_adapter("mastodon").platform
    answer = browser(alice).post(way_page(mastodon), {"way": 0, "server": server})
    assert answer.status_code == 200 and "errorlist nonfield" in text_of(answer)
    assert not Handshake.objects.exists()


@pytest.mark.slow
@let_in
def test_no_page_and_no_answer_shows_a_token(alice, script):
    belongings = Belongings(alice)
    Authenticator.objects.all().delete()  # it is no real one; allauth's own pages read it
    for platform in PLATFORMS:
        if platform in RETURNING:
            come_back(sent_away(alice, platform), platform, code=CANARY)
        else:
            paste(browser(alice), platform, script.url)
    assert Grant.objects.count() == len(PLATFORMS)
    client, seen = browser(alice), 0
    for address in every_address():
        for url in {*belongings.urls(address), *own_urls(address, alice)}:
            answer = client.get(url)
            assert CANARY.encode() not in whole(answer), url
            assert CANARY not in str(answer.headers), url
            seen += answer.status_code == 200
    assert seen > 100
    dumped = io.StringIO()
    call_command("dumpdata", stdout=dumped)
    assert CANARY not in dumped.getvalue() and "account-1" in dumped.getvalue()


def whole(answer):
    """All that was answered; a stream that goes on tells of renders only."""
    if not answer.streaming:
        return answer.content
    return b"" if answer.is_async else b"".join(answer.streaming_content)


def own_urls(address, owner):
    """An address once for each of the person's accounts."""
    view = address.name.partition(":")[2]
    if not view.startswith("connection") or address.arguments != ("pk",):
        return []
    return [
        reverse(address.name, args=[item.pk]) for item in Connection.objects.filter(owner=owner)
    ]
