"""Every email: as plain text and HTML, in our own words, with links to this installation only."""

import re
from email import message_from_bytes, policy
from html import unescape
from pathlib import Path

import allauth
import pytest
from allauth.account.adapter import get_adapter
from allauth.core import context as allauth_context
from django.core import mail
from django.template.loader import get_template
from django.test import Client, RequestFactory
from django.utils import timezone

from branding.accounts import services
from branding.accounts.models import User
from integrations.emails import services as emails
from tests.support.people import person
from tests.support.platforms.memory_platform import put_in_registry
from tests.support.urls import Belongings

pytestmark = pytest.mark.django_db
SITE = "https://facet.example.org"
ALLAUTH = Path(allauth.__file__).parent / "templates"
OURS = Path(services.__file__).parents[1] / "web" / "templates"
SUFFIX = "_subject.txt"
EMAILS = sorted(
    {
        str(path.relative_to(folder)).removesuffix(SUFFIX)
        for folder, app in ((ALLAUTH, "account"), (ALLAUTH, "mfa"), (OURS, "account"))
        for path in folder.glob(f"{app}/email/*{SUFFIX}")
    }
)
DETAILS = {
    "name": "<b>Diary</b> evil.example.com",
    "host": "hooks.example.com",
    "from_email": "old@example.com",
    "to_email": "new@example.com",
    "deleted_email": "old@example.com",
    "code": "",
    "ip": "192.0.2.1",
    "user_agent": "<script>Firefox",
}
LINKS = ("activate_url", "password_reset_url", "signup_url")


@pytest.fixture(autouse=True)
def site(settings):
    settings.SITE_URL, settings.ALLOWED_HOSTS = SITE, ["*"]


def read(email):
    """Return subject, plain text and HTML of a email, as a mail program reads its bytes."""
    message = message_from_bytes(email.message().as_bytes(), policy=policy.default)
    plain, html = (message.get_body((kind,)) for kind in ("plain", "html"))
    assert message.get_content_type() in ("multipart/alternative", "multipart/mixed")
    return message["subject"], plain.get_content(), html.get_content()


def assert_says_the_same(plain, html):
    words = re.sub(r"<title>.*?</title>|<[^>]+>", " ", html, flags=re.DOTALL)
    assert unescape(words).split() == plain.split()


def assert_links_lead_here(plain, html):
    links = set(re.findall(r"https?://[^\s<\"]+", plain + html))
    assert links and all(link.startswith(f"{SITE}/") or link == SITE for link in links), links
    assert "evil.example/" not in plain + html


def send_account_email(name):
    """Return the email about an account with this name, as Alice gets it."""
    request = RequestFactory().get("/", headers={"host": "evil.example"})
    details = {**DETAILS, "user": person("alice"), "timestamp": timezone.now()}
    links = {link: f"https://evil.example/{link}/?key=1" for link in LINKS}
    with allauth_context.request_context(request):
        get_adapter().send_mail(name, "alice@example.com", details | links)
    (email,) = mail.outbox
    return email


@pytest.mark.parametrize("name", EMAILS)
def test_email_about_the_account(name):
    email = send_account_email(name)
    subject, plain, html = read(email)
    assert subject.strip() and email.from_email.endswith("@localhost>")
    assert_says_the_same(plain, html)
    assert_links_lead_here(plain, html)
    assert "<b>" not in html and "<script>" not in html and "{" not in plain


@pytest.mark.parametrize("name", EMAILS)
def test_email_is_in_our_own_words(name):
    for part in (SUFFIX, "_message.txt"):
        assert Path(get_template(name + part).origin.name).is_relative_to(OURS), name


SENDERS = {
    "connection lost": lambda own: emails.send_connection_lost(own.connection),
    "connection ends": lambda own: emails.send_expiry_warning(own.connection, 7),
    "news": lambda own: emails.send_publication_news(own.owner, [own.publication]),
    "run failed": lambda own: emails.send_run_failure(own.run, message="No.", advice="Try again."),
    "approval": lambda own: emails.send_approval_request(
        own.run, [], decide_by=timezone.now(), token="token"
    ),
}


@pytest.mark.parametrize("name", SENDERS)
def test_email_about_profiles(name, monkeypatch):
    put_in_registry(monkeypatch)
    own = Belongings(person("alice"))
    mail.outbox.clear()
    SENDERS[name](own)
    (email,) = mail.outbox
    subject, plain, html = read(email)
    assert subject.strip()
    assert_says_the_same(plain, html)
    assert_links_lead_here(plain, html)
    assert "<a href=" in html


def send_emails(names, owner_receives_notices, monkeypatch):
    """Return the emails that these senders send to Alice."""
    put_in_registry(monkeypatch)
    owner = person("alice")
    owner.receives_notices = owner_receives_notices
    owner.save()
    own = Belongings(owner)
    mail.outbox.clear()
    for name in names:
        SENDERS[name](own)
    return mail.outbox


@pytest.mark.parametrize("name", sorted(set(SENDERS) - {"approval"}))
def test_notices_stop_with_one_click_in_a_mail_program(name, monkeypatch):
    (notice,) = send_emails([name], True, monkeypatch)
    assert notice.extra_headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    address = notice.extra_headers["List-Unsubscribe"].strip("<>").removeprefix(SITE)
    assert f"{SITE}{address}" in notice.body
    program = Client(enforce_csrf_checks=True)
    assert program.get(address).status_code == 200
    assert User.objects.get().receives_notices, "opening a link changes nothing"
    assert program.post(address, {"List-Unsubscribe": "One-Click"}).status_code == 302
    assert not User.objects.get().receives_notices
    assert program.post(address, {"notices": "on"}).status_code == 302
    assert User.objects.get().receives_notices


def test_only_what_was_asked_for_is_sent_without_notices(monkeypatch):
    (email,) = send_emails(SENDERS, False, monkeypatch)
    assert "/schedules/answer/" in email.body
    assert "List-Unsubscribe" not in email.extra_headers


def test_every_sender_is_tried():
    senders = {name for name in vars(emails) if name.startswith("send_")} - {"send_digests"}
    assert len(senders) == len(SENDERS)
