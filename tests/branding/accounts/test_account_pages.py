"""Every page of an account speaks with our words: no sentence of allauth's own is left."""

import gettext
import re
from html import unescape
from pathlib import Path

import allauth
import pytest
from allauth.account.forms import default_token_generator
from allauth.account.models import EmailAddress, EmailConfirmationHMAC
from allauth.account.utils import user_pk_to_url_str
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from django.core.cache import cache
from django.template import engines
from django.test.utils import override_settings
from django.urls import reverse
from django.utils.html import strip_tags

from tests.support.people import PASSWORD, browser, person
from tests.support.urls import every_address

pytestmark = pytest.mark.django_db
ALLAUTH = Path(allauth.__file__).parent
TEMPLATES = Path(__file__).parents[3] / "branding" / "web" / "templates"
SPACES = re.compile(r"\s+")
# A single word, such as a name of a field, has no voice.
MIN_WORDS = 3
ADDRESSES = [
    address
    for address in every_address()
    if ":" not in address.name and not address.name.startswith("openapi")
]


def allauth_sentences():
    """Everything that allauth says, from one of its catalogs; parameters match anything."""
    with (ALLAUTH / "locale" / "de" / "LC_MESSAGES" / "django.mo").open("rb") as file:
        catalog = gettext.GNUTranslations(file)._catalog
    texts = {key[0] if isinstance(key, tuple) else key for key in catalog}
    for text in texts:
        plain = SPACES.sub(" ", strip_tags(text)).strip()
        if len(plain.split()) >= MIN_WORDS:
            parts = re.split(r"%\(\w+\)s|%[sd]", plain)
            yield plain, re.compile(".{0,80}?".join(map(re.escape, parts)))


SENTENCES = dict(allauth_sentences())


def foreign_sentences(response):
    """The sentences of allauth on a page."""
    html = re.sub(r"(?s)<(script|style).*?</\1>", " ", response.content.decode())
    text = SPACES.sub(" ", unescape(strip_tags(html)))
    return [sentence for sentence, pattern in SENTENCES.items() if pattern.search(text)]


@pytest.fixture(autouse=True)
def unlimited():
    cache.clear()


@pytest.fixture
def alice():
    """Somebody with every kind of second step, and an address that is not confirmed."""
    owner = person("alice")
    EmailAddress.objects.create(user=owner, email=owner.email, verified=True, primary=True)
    EmailAddress.objects.create(user=owner, email="alice@new.example.org")
    TOTP.activate(owner, generate_totp_secret())
    RecoveryCodes.activate(owner)
    return owner


def visit(owner):
    """A browser in which the owner, if any, has just typed the password."""
    client = browser(owner)
    if owner:
        client.post(reverse("account_reauthenticate"), {"password": PASSWORD})
    return client


def add_key(owner):
    return Authenticator.objects.create(
        user=owner, type=Authenticator.Type.WEBAUTHN, data={"name": "my key", "credential": {}}
    )


def urls_of(address, owner):
    """The addresses of a page, with what emails to the owner link to."""
    if address.name == "account_confirm_email":
        key = EmailConfirmationHMAC.create(owner.emailaddress_set.last()).key
        return [reverse(address.name, args=[key]), reverse(address.name, args=["MQ:guessed"])]
    if address.name == "account_reset_password_from_key":
        keys = [default_token_generator.make_token(owner), "guessed-by-a-stranger"]
        uid = user_pk_to_url_str(owner)
        return [reverse(address.name, kwargs={"uidb36": uid, "key": key}) for key in keys]
    if address.arguments == ("pk",):
        key = owner.authenticator_set.filter(type="webauthn").first() or add_key(owner)
        return [reverse(address.name, args=[key.pk])]
    return [reverse(address.name)]


def test_sentences_of_allauth_are_known():
    assert len(SENTENCES) > 80
    assert "Are you sure you want to sign out?" in SENTENCES
    assert len(ADDRESSES) >= 25


@pytest.mark.parametrize("address", ADDRESSES, ids=lambda address: address.name)
@pytest.mark.parametrize("who", ["nobody", "alice", "bob"])
def test_page_says_nothing_in_the_words_of_allauth(alice, who, address):
    owner = {"alice": alice, "bob": person("bob"), "nobody": None}[who]
    if owner and owner != alice:
        EmailAddress.objects.create(user=owner, email=owner.email, verified=True, primary=True)
    for url in urls_of(address, owner or alice):
        client = visit(owner)
        for response in (client.get(url, follow=True), client.post(url, {}, follow=True)):
            assert response.status_code < 500
            if response["Content-Type"].startswith("text/html"):
                assert foreign_sentences(response) == [], url


def test_second_step_and_proof_of_identity_speak_like_us(alice):
    client = browser()
    login = {"login": alice.email, "password": PASSWORD}
    page = client.post(reverse("account_login"), login, follow=True)
    assert "Second step" in page.content.decode() and foreign_sentences(page) == []
    page = client.post(reverse("mfa_authenticate"), {"code": "000000"})
    assert "This code is wrong" in page.content.decode() and foreign_sentences(page) == []
    client = browser(alice)
    for name in ("account_reauthenticate", "mfa_reauthenticate"):
        page = client.get(reverse(name))
        assert "Is it you?" in page.content.decode() and foreign_sentences(page) == [], name


@pytest.mark.parametrize(
    ("name", "fields", "words"),
    [
        ("account_login", {"login": "x@example.com", "password": "wrong"}, "do not belong"),
        (
            "account_change_password",
            {"oldpassword": "wrong", "password1": "a new pass phrase", "password2": "another"},
            "two different passwords",
        ),
        ("account_email", {"action_add": "", "email": "alice@example.com"}, "already"),
        ("account_email", {"action_remove": "", "email": "alice@example.com"}, "main address"),
        ("account_email", {"action_remove": "", "email": "alice@new.example.org"}, "is removed"),
        ("account_email", {"action_primary": "", "email": "alice@new.example.org"}, "Confirm"),
        ("account_reauthenticate", {"password": "wrong"}, "password is wrong"),
        ("mfa_generate_recovery_codes", {}, "10 codes are left"),
        ("mfa_deactivate_totp", {}, "app is off"),
    ],
)
def test_answers_speak_like_us(alice, name, fields, words):
    client = visit(None if name == "account_login" else alice)
    page = client.post(reverse(name), fields, follow=True)
    assert words in unescape(page.content.decode())
    assert foreign_sentences(page) == []


@override_settings(SIGN_UP="closed")
def test_closed_installation_says_so():
    page = browser().get(reverse("account_signup"))
    assert "No new accounts here" in page.content.decode() and foreign_sentences(page) == []


REACHABLE = [
    path.relative_to(ALLAUTH / "templates")
    for folder in ("account", "mfa", "usersessions")
    for path in sorted((ALLAUTH / "templates" / folder).rglob("*"))
    if path.suffix in {".html", ".txt"} and "email" not in path.parts
]
# Of features that are off (codes by e-mail, phones, passkeys at signing up, trusted browsers), and
# templates without words.
NOT_OURS = re.compile(
    r"phone|code\.html|signup_by_passkey|signup_form|trust|email_change|account/base_manage"
    r"|account/base_entrance|base_confirm|snippets/(already|warn|login_script)|login_code|/base\.html"
    r"|base_(manage|entrance)\.html|download\.txt"
)


@pytest.mark.parametrize("name", REACHABLE, ids=str)
def test_template_that_is_reached_is_ours(name):
    if not NOT_OURS.search(str(name)):
        origin = engines["django"].get_template(str(name)).template.origin
        assert Path(origin.name).is_relative_to(TEMPLATES)
