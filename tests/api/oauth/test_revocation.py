"""Access ends when the person revokes it, and expired tokens are deleted."""

from datetime import timedelta

import pytest
from django.utils import timezone
from oauth2_provider.models import AccessToken, Grant, RefreshToken

from branding.accounts.services import delete_account
from branding.api.models import Application
from branding.api.selectors import accesses_of
from branding.api.services import end_access, forget_expired, remove
from tests.support.oauth_client import calls, code_for
from tests.support.people import let_in, person

pytestmark = pytest.mark.django_db(transaction=True)


def test_person_ends_what_an_application_may_do(diary):
    alice, bob = person("alice"), person("bob")
    theirs, texts = let_in(bob, diary[0])[0], [let_in(alice, diary[0])[0] for _ in range(2)]
    end_access(alice, diary[0])
    assert [calls(text).status_code for text in (*texts, theirs)] == [401, 401, 200]
    assert accesses_of(alice) == [] and accesses_of(bob)


def test_what_may_act_is_told_for_every_device_together(diary, phone):
    alice, day = person("alice"), timedelta(days=1)
    let_in(alice, diary[0])
    let_in(alice, diary[0], scope="publish", held=-day)  # to be renewed
    let_in(alice, phone, held=-100 * day)  # not any more
    let_in(person("bob"), phone)
    (one,) = accesses_of(alice)
    assert one.application == diary[0] and one.scopes == ["read", "publish"]


def test_use_is_noted_once_a_minute(diary):
    text, _ = let_in(person("alice"), diary[0])
    before = timezone.now() - timedelta(minutes=5)
    AccessToken.objects.update(updated=before)
    calls(text)
    noted = AccessToken.objects.get().updated
    assert noted > before
    calls(text)
    assert AccessToken.objects.get().updated == noted


def test_deleted_application_and_account_take_their_tokens_along(diary, phone, maker):
    alice = person("alice")
    for application in (diary[0], phone):
        let_in(alice, application)
        code_for(alice, application, redirect_uri=application.redirects[0])
    remove(diary[0])
    for model in (Grant, AccessToken, RefreshToken):
        assert [one.application for one in model.objects.all()] == [phone]
    delete_account(alice)
    assert not any(model.objects.exists() for model in (Grant, AccessToken, RefreshToken))
    delete_account(maker)
    assert not Application.objects.exists()


def test_what_is_over_is_forgotten(diary):
    alice, day = person("alice"), timedelta(days=1)
    let_in(alice, diary[0])
    let_in(alice, diary[0], held=-day)
    let_in(alice, diary[0], held=-91 * day)
    code_for(alice, diary[0])
    Grant.objects.update(expires=timezone.now() - day)
    forget_expired()
    assert AccessToken.objects.count() == RefreshToken.objects.count() == 2
    assert not Grant.objects.exists()
