"""Queries for tokens and applications, always by their owner."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import Q, QuerySet
from django.utils import timezone
from oauth2_provider.models import AccessToken
from oauth2_provider.settings import oauth2_settings

from branding.accounts.models import User
from branding.api.models import Application, Scope, Token


@dataclass(frozen=True)
class ApplicationAccess:
    """What an application may do for a person, and when it was last used."""

    application: Application
    scopes: list[Scope]
    used_at: datetime


def tokens_of(owner: User) -> QuerySet[Token]:
    """Return the owner's personal access tokens, newest first."""
    return Token.objects.filter(owner=owner)


def token_for(owner: User, pk: UUID) -> Token:
    """Return one token; Token.DoesNotExist if it is not this owner's."""
    return tokens_of(owner).get(pk=pk)


def applications_of(owner: User) -> QuerySet[Application]:
    """Return the applications that a person registered, newest first."""
    return Application.objects.filter(user=owner)


def application_for(owner: User, pk: UUID) -> Application:
    """Return one of them; Application.DoesNotExist if somebody else registered it."""
    return applications_of(owner).get(pk=pk)


def accesses_of(owner: User) -> list[ApplicationAccess]:
    """Return the applications that may act for a person now, the last used one first."""
    tokens_by_application: dict[Application, list[AccessToken]] = {}
    for token in _usable_access_tokens(owner).select_related("application").order_by("-updated"):
        tokens_by_application.setdefault(token.application, []).append(token)
    return [
        ApplicationAccess(application, _combine_scopes(tokens), tokens[0].updated)
        for application, tokens in tokens_by_application.items()
    ]


def authorized_application_for(owner: User, pk: UUID) -> Application:
    """Return an application that a person authorized; Application.DoesNotExist if they did not."""
    return (
        Application.objects.filter(accesstoken__in=_usable_access_tokens(owner))
        .distinct()
        .get(pk=pk)
    )


def _usable_access_tokens(owner: User) -> QuerySet[AccessToken]:
    """Return the access tokens that are valid, or that a refresh token can still renew.

    A renewed or revoked access token has no refresh token any more.
    """
    now = timezone.now()
    renewable = now - timedelta(seconds=oauth2_settings.REFRESH_TOKEN_EXPIRE_SECONDS)
    return AccessToken.objects.filter(
        Q(expires__gt=now) | Q(refresh_token__isnull=False, expires__gt=renewable), user=owner
    )


def _combine_scopes(tokens: list[AccessToken]) -> list[Scope]:
    """Return the scopes of all tokens; an application has one for each device of the person."""
    granted_scopes = {scope for token in tokens for scope in token.scope.split()}
    return [scope for scope in Scope if scope.value in granted_scopes]
