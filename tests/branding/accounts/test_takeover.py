"""A stolen session, or a guessed password, does not become a lasting takeover."""

import re

import pytest
from django.core import mail
from django.urls import reverse

from branding.accounts import invitations
from branding.accounts.models import User
from branding.api.models import Token
from branding.api.selectors import accesses_of
from branding.api.services import create_token, register_application
from branding.webhooks.models import Webhook
from tests.support import celery_messages
from tests.support.people import PASSWORD, browser, grant_access, person, record_sign_in

pytestmark = pytest.mark.django_db
TOKEN_FORM = {"name": "backup", "scopes": ["read"], "days": "30"}
HOOK_FORM = {"url": "https://example.org/hook", "events": ["render.finished"]}


@pytest.fixture(autouse=True)
def mailbox(settings):
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    celery_messages.lose()
    return mail.outbox


@pytest.fixture
def alice():
    return person("alice")


@pytest.fixture
def stolen(alice):
    """A session whose owner signed in an hour ago."""
    client = browser(alice)
    record_sign_in(client, alice, seconds_ago=3600)
    return client


def sign_in(client, password=PASSWORD, **headers):
    fields = {"login": "alice@example.com", "password": password}
    return client.post(reverse("account_login"), fields, **headers)


@pytest.mark.parametrize(
    ("name", "fields"),
    [
        ("account_email", {"email": "mallory@example.com", "action_add": ""}),
        ("web:tokens", TOKEN_FORM),
        ("web:applications", {"name": "Diary"}),
        ("web:webhooks", HOOK_FORM),
        ("web:account_delete", {"email": "alice@example.com"}),
        ("web:connect_platform", {"way": "0"}),
    ],
)
def test_what_lends_access_needs_a_recent_sign_in(stolen, alice, name, fields):
    arguments = ["gravatar"] if name == "web:connect_platform" else []
    url = reverse(name, args=arguments)
    answer = stolen.post(url, fields)
    assert answer.status_code == 302 and "reauthenticate" in answer.url
    assert not Token.objects.exists() and not Webhook.objects.exists()
    alice.refresh_from_db()
    assert alice.emailaddress_set.count() <= 1


def test_form_is_kept_until_the_password_is_typed(stolen, alice):
    address = stolen.post(reverse("web:tokens"), TOKEN_FORM).url
    assert stolen.post(address, {"password": PASSWORD}).status_code == 200
    assert Token.objects.get().owner == alice


def test_operations_in_a_session_need_it_too(stolen, alice):
    answer = stolen.post("/api/v1/webhooks", HOOK_FORM, content_type="application/json")
    assert answer.status_code == 403 and "Sign in again" in answer.json()["message"]
    client = browser(alice)
    assert client.get("/api/v1/webhooks").status_code == 200


def test_emails_tell_what_was_changed(alice, mailbox):
    client = browser(alice)
    client.post(reverse("web:tokens"), TOKEN_FORM)
    (email,) = mailbox
    assert email.to == ["alice@example.com"] and "token" in email.subject.lower()
    assert "backup" in email.body and "127.0.0.1" in email.body


@pytest.mark.usefixtures("alice")
def test_new_device_is_told_once(mailbox):
    client = browser()
    for _ in range(2):
        assert sign_in(client).status_code == 302
        client.post(reverse("account_logout"))
    assert [email.subject for email in mailbox] == ["A new device signed in"]
    sign_in(browser())
    assert len(mailbox) == 2


def test_reset_ends_tokens_and_applications(alice, mailbox):
    create_token(alice, "old", scopes=["read"])
    application, _ = register_application(
        alice,
        "Diary",
        website="https://diary.example",
        redirects=["https://diary.example/back"],
        is_confidential=True,
    )
    grant_access(alice, application)
    client = browser()
    client.post(reverse("account_reset_password"), {"email": alice.email})
    link = re.search(r"https?://\S+", mailbox[-1].body)[0]
    form = client.get(link, follow=True)
    fields = {"password1": "another long phrase", "password2": "another long phrase"}
    assert client.post(form.redirect_chain[-1][0], fields).status_code == 302
    alice.refresh_from_db()
    assert alice.check_password("another long phrase")
    assert not Token.objects.exists() and accesses_of(alice) == []


def test_change_of_password_offers_to_end_them(alice, mailbox):
    create_token(alice, "old", scopes=["read"])
    client = browser(alice)
    fields = {
        "oldpassword": PASSWORD,
        "password1": "another long phrase",
        "password2": "another long phrase",
    }
    answer = client.post(reverse("account_change_password"), fields, follow=True)
    assert "old" in answer.content.decode() and Token.objects.exists()
    assert any("assword" in email.subject for email in mailbox)
    client.post(reverse("web:access_review"))
    assert not Token.objects.exists()


@pytest.mark.usefixtures("alice")
def test_links_in_emails_begin_with_the_address_of_the_site(mailbox, settings):
    settings.ALLOWED_HOSTS, settings.SITE_URL = ["*"], "https://facet.example.org"
    client = browser()
    client.post(
        reverse("account_reset_password"), {"email": "alice@example.com"}, HTTP_HOST="evil.example"
    )
    client.post(
        reverse("account_reset_password"), {"email": "no@one.example"}, HTTP_HOST="evil.example"
    )
    assert len(mailbox) == 2
    for email in mailbox:
        text = f"{email.subject} {email.body}"
        assert "evil.example" not in text and "https://facet.example.org/accounts/" in text


@pytest.mark.usefixtures("alice")
def test_stranger_cannot_lock_out_a_known_device():
    known = browser()
    assert sign_in(known).status_code == 302
    known.post(reverse("account_logout"))
    stranger = browser()
    for address in range(60):
        sign_in(stranger, "wrong", REMOTE_ADDR=f"10.0.0.{address}")
    assert sign_in(known).status_code == 302
    assert sign_in(browser(), REMOTE_ADDR="10.1.1.1").status_code == 200, "the looser limit"


@pytest.mark.usefixtures("alice")
def test_stranger_at_one_address_does_not_lock_out_another():
    stranger = browser()
    for _ in range(8):
        sign_in(stranger, "wrong", REMOTE_ADDR="10.0.0.1")
    assert sign_in(browser(), REMOTE_ADDR="10.0.0.1").status_code != 302
    assert sign_in(browser(), REMOTE_ADDR="10.0.0.2").status_code == 302


SIGN_UP_FORM = {"email": "new@example.com", "password1": PASSWORD}


def sign_up(client, **fields):
    client.post(reverse("account_signup"), {**SIGN_UP_FORM, **fields})
    email = fields.get("email", SIGN_UP_FORM["email"])
    return User.objects.filter(email=email).exists()


def test_sign_up_can_be_closed(settings):
    assert sign_up(browser())
    settings.SIGN_UP = "closed"
    assert not sign_up(browser(), email="other@example.com")


def test_sign_up_by_invitation(settings):
    settings.SIGN_UP = "invited"
    assert not sign_up(browser())
    client = browser()
    client.get(invitations.invitation_url("new@example.com"))
    assert not sign_up(client, email="other@example.com")
    assert sign_up(client)
