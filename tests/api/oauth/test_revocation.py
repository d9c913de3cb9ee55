"""Access ends when the person revokes it, and expired tokens are deleted."""

from datetime import timedelta

import pytest
from django.utils import timezone
from oauth2_provider.models import AccessToken, Grant, RefreshToken

from branding.accounts.services import delete_account
from branding.api.models import Application
from branding.api.selectors import accesses_of
from branding.api.services import delete_application, delete_expired_tokens, revoke_access
from tests.support.oauth_client import call_api, request_code
from tests.support.people import grant_access, person

pytestmark = pytest.mark.django_db(transaction=True)


def test_person_ends_what_an_application_may_do(diary):
    alice, bob = person("alice"), person("bob")
    theirs, texts = (
        grant_access(bob, diary[0])[0],
        [grant_access(alice, diary[0])[0] for _ in range(2)],
    )
    revoke_access(alice, diary[0])
    assert [call_api(text).status_code for text in (*texts, theirs)] == [401, 401, 200]
    assert accesses_of(alice) == [] and accesses_of(bob)


def test_what_may_act_is_told_for_every_device_together(diary, phone):
    alice, day = person("alice"), timedelta(days=1)
    grant_access(alice, diary[0])
    grant_access(alice, diary[0], scope="publish", held=-day)  # to be renewed
    grant_access(alice, phone, held=-100 * day)  # not any more
    grant_access(person("bob"), phone)
    (access,) = accesses_of(alice)
    assert access.application == diary[0] and access.scopes == ["read", "publish"]


def test_use_is_noted_once_a_minute(diary):
    text, _ = grant_access(person("alice"), diary[0])
    before = timezone.now() - timedelta(minutes=5)
    AccessToken.objects.update(updated=before)
    call_api(text)
    noted = AccessToken.objects.get().updated
    assert noted > before
    call_api(text)
    assert AccessToken.objects.get().updated == noted


def test_deleted_application_and_account_take_their_tokens_along(diary, phone, maker):
    alice = person("alice")
    for application in (diary[0], phone):
        grant_access(alice, application)
        request_code(alice, application, redirect_uri=application.redirects[0])
    delete_application(diary[0])
    for model in (Grant, AccessToken, RefreshToken):
        assert [row.application for row in model.objects.all()] == [phone]
    delete_account(alice)
    assert not any(model.objects.exists() for model in (Grant, AccessToken, RefreshToken))
    delete_account(maker)
    assert not Application.objects.exists()


def test_what_is_over_is_forgotten(diary):
    alice, day = person("alice"), timedelta(days=1)
    grant_access(alice, diary[0])
    grant_access(alice, diary[0], held=-day)
    grant_access(alice, diary[0], held=-91 * day)
    request_code(alice, diary[0])
    Grant.objects.update(expires=timezone.now() - day)
    delete_expired_tokens()
    assert AccessToken.objects.count() == RefreshToken.objects.count() == 2
    assert not Grant.objects.exists()
