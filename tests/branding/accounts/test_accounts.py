"""Accounts: sign up, confirm, sign in, forget and reset, two factors, passkeys, sessions, leave."""

import base64
import io

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.apps import apps
from django.contrib.sessions.models import Session
from django.core import mail
from django.core.management import call_command
from django.urls import reverse

from branding.accounts.models import User
from branding.accounts.services import delete_account
from headshots.models import Photo
from headshots.services import photos
from tests.support import image_files, portraits
from tests.support.browser_clients import BrowserPerson, latest_link, totp_code
from tests.support.passkeys import Passkey

pytestmark = pytest.mark.django_db


@pytest.fixture
def alice():
    """Alice has an account, a confirmed address, and is signed in."""
    person = BrowserPerson()
    person.sign_up()
    person.confirm()
    return person


def test_fresh_local_installation_locks_nobody_out():
    alice = BrowserPerson()
    alice.sign_up()
    assert alice.is_signed_in
    assert not EmailAddress.objects.get().verified


def test_email_confirms_the_address():
    alice = BrowserPerson()
    alice.sign_up()
    assert mail.outbox[0].to == ["alice@example.com"] and "Facet" in mail.outbox[0].from_email
    alice.client.get(latest_link())
    assert not EmailAddress.objects.get().verified, "opening a link changes nothing: mail scanners"
    alice.confirm()
    assert EmailAddress.objects.get().verified


def test_where_emails_are_sent_the_address_must_be_confirmed_first(settings):
    settings.ACCOUNT_EMAIL_VERIFICATION = "mandatory"
    alice = BrowserPerson()
    alice.sign_up()
    assert not alice.is_signed_in
    alice.sign_in()
    assert not alice.is_signed_in
    alice.confirm()
    alice.sign_in()
    assert alice.is_signed_in


def test_weak_password_is_refused():
    BrowserPerson(password="12345678").sign_up()
    assert not User.objects.exists()


def test_sign_out_and_in_again(alice):
    alice.sign_out()
    assert not alice.is_signed_in
    alice.sign_in(password="not it")
    assert not alice.is_signed_in
    alice.sign_in(login="ALICE@example.com")
    assert alice.is_signed_in


def test_forgotten_password_is_reset_once_by_email(alice):
    alice.sign_out()
    alice.post("account_reset_password", email=alice.email)
    link = latest_link()
    page = alice.client.get(link, follow=True).redirect_chain[-1][0]
    alice.client.post(page, {"password1": "another long one", "password2": "another long one"})
    alice.sign_in()
    assert not alice.is_signed_in
    alice.sign_in(password="another long one")
    assert alice.is_signed_in
    again = BrowserPerson().client.get(link, follow=True)
    assert again.context["token_fail"]


def test_reset_does_not_tell_who_has_an_account():
    answer = BrowserPerson().post("account_reset_password", email="nobody@example.com")
    known = BrowserPerson("bob@example.com")
    known.sign_up()
    same = BrowserPerson().post("account_reset_password", email="bob@example.com")
    assert answer.redirect_chain == same.redirect_chain


def add_totp(person):
    """Set up an authenticator app, after the password was given again; its secret."""
    person.post("account_reauthenticate", password=person.password)
    secret = person.get("mfa_activate_totp").context["form"].secret
    person.post("mfa_activate_totp", code=totp_code(secret))
    return secret


def test_second_factor_is_asked_for(alice):
    secret = add_totp(alice)
    alice.sign_out()
    alice.sign_in()
    assert not alice.is_signed_in
    alice.post("mfa_authenticate", code="000000")
    assert not alice.is_signed_in
    alice.post("mfa_authenticate", code=totp_code(secret))
    assert alice.is_signed_in


def test_second_factors_lie_sealed_and_move_to_a_new_key(alice, settings, monkeypatch):
    old, new = (base64.urlsafe_b64encode(bytes([n]) * 32).decode() for n in (1, 2))
    settings.VAULT_KEY = old
    secret = add_totp(alice)
    kept = str(list(Authenticator.objects.values_list("data", flat=True)))
    assert secret not in kept and secret.lower() not in kept
    settings.VAULT_KEY = f"{new},{old}"
    monkeypatch.setenv("VAULT_KEY", settings.VAULT_KEY)
    call_command("rotate_keys", stdout=io.StringIO())
    settings.VAULT_KEY = new
    alice.sign_out()
    alice.sign_in()
    alice.post("mfa_authenticate", code=totp_code(secret))
    assert alice.is_signed_in


def test_recovery_code_works_once(alice):
    add_totp(alice)
    assert alice.get("mfa_view_recovery_codes").status_code == 200
    codes = Authenticator.objects.get(type="recovery_codes").wrap().get_unused_codes()
    assert len(codes) == 10
    alice.sign_out()
    alice.sign_in()
    alice.post("mfa_authenticate", code=codes[0])
    assert alice.is_signed_in
    alice.sign_out()
    alice.sign_in()
    alice.post("mfa_authenticate", code=codes[0])
    assert not alice.is_signed_in


def add_passkey(person):
    """Register a passkey for signing in without a password."""
    person.post("account_reauthenticate", password=person.password)
    passkey = Passkey()
    options = person.get("mfa_add_webauthn").context["js_data"]["creation_options"]
    credential = passkey.register(options)
    person.post("mfa_add_webauthn", name="Phone", passwordless="on", credential=credential)
    assert Authenticator.objects.get(type="webauthn").wrap().is_passwordless
    return passkey


def passkey_request_options(person):
    """What the sign-in page asks a passkey to sign."""
    page = reverse("mfa_login_webauthn")
    return person.client.get(page, headers={"x-requested-with": "XMLHttpRequest"}).json()[
        "request_options"
    ]


def test_passkey_signs_in_without_a_password(alice):
    passkey = add_passkey(alice)
    alice.sign_out()
    alice.post("mfa_login_webauthn", credential=passkey.sign(passkey_request_options(alice)))
    assert alice.is_signed_in


def test_somebody_elses_passkey_does_not(alice):
    passkey, other = add_passkey(alice), Passkey()
    other.id, other.user = passkey.id, passkey.user
    alice.sign_out()
    alice.post("mfa_login_webauthn", credential=other.sign(passkey_request_options(alice)))
    assert not alice.is_signed_in


def test_unconfirmed_address_takes_no_second_factor():
    alice = BrowserPerson()
    alice.sign_up()
    alice.get("mfa_activate_totp")
    alice.post("mfa_activate_totp", code="000000")
    assert not Authenticator.objects.exists()


def test_other_sessions_are_listed_and_ended(alice):
    phone = BrowserPerson(browser="Phone")
    phone.sign_in()
    page = alice.get("usersessions_list").content.decode()
    assert "Phone" in page and "Firefox" in page
    alice.post("usersessions_list")
    assert alice.is_signed_in and not phone.is_signed_in
    assert [session.user_agent for session in UserSession.objects.all()] == ["Firefox"]


def test_one_session_is_ended_by_its_owner_only(alice):
    phone = BrowserPerson(browser="Phone")
    phone.sign_in()
    there = UserSession.objects.get(user_agent="Phone")
    carol = BrowserPerson("carol@example.com")
    carol.sign_up()
    assert carol.post("web:session_end", there.pk).status_code == 404
    assert phone.is_signed_in
    alice.post("web:session_end", there.pk)
    assert alice.is_signed_in and not phone.is_signed_in


@pytest.mark.usefixtures("alice")
def test_guessing_passwords_is_slowed_down():
    guesser = BrowserPerson(browser="Guesser")
    for number in range(12):
        guesser.sign_in(password=f"guess number {number}")
    guesser.sign_in()
    assert not guesser.is_signed_in


def rows_about(pk, email):
    """Every row of every table that names a person, by key or by address."""
    for model in apps.get_models():
        fields = model._meta.concrete_fields
        people = [field.attname for field in fields if field.related_model is User]
        for row in model.objects.all():
            values = {field.attname: getattr(row, field.attname) for field in fields}
            if model is Session:
                values = row.get_decoded()
            named = pk in {values[name] for name in people}
            if named or email in str(values) or values.get("_auth_user_id") == str(pk):
                yield row


def count_stored_pictures(folder):
    """How many pictures have files below a folder."""
    return len({path.parent for path in folder.rglob("*") if path.is_file()})


@pytest.mark.django_db(transaction=True)
def test_deleted_account_leaves_nothing(alice, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "media"
    phone = BrowserPerson(browser="Phone")
    phone.sign_in()
    add_totp(alice)
    bob = BrowserPerson("bob@example.com")
    bob.sign_up()
    for person in User.objects.all():
        photos.add_photo(
            person, image_files.encode_picture(portraits.astronaut(), "PNG"), name="me.png"
        )
    person = User.objects.get(email=alice.email)
    pk = person.pk
    named = {type(row) for row in rows_about(pk, alice.email)}
    assert named >= {User, EmailAddress, Authenticator, UserSession, Session, Photo}
    assert (
        count_stored_pictures(settings.MEDIA_ROOT)
        == count_stored_pictures(settings.MEDIA_ROOT / "pictures")
        == 2
    )
    delete_account(person)
    assert count_stored_pictures(settings.MEDIA_ROOT) == 1
    assert list(rows_about(pk, alice.email)) == []
    assert not alice.is_signed_in and not phone.is_signed_in
    alice.sign_in()
    assert not alice.is_signed_in
    assert bob.is_signed_in and User.objects.get().email == bob.email
