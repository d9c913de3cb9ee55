"""Reading tokens and applications, owner first."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet
from django.utils import timezone
from oauth2_provider.models import AccessToken
from oauth2_provider.settings import oauth2_settings

from branding.api.models import Application, Scope, Token

Owner = Any  # a settings.AUTH_USER_MODEL


@dataclass(frozen=True)
class Access:
    """What an application may do for a person, and when it last did."""

    application: Application
    scopes: list[Scope]
    used_at: datetime


def tokens_of(owner: Owner) -> QuerySet[Token]:
    """Every token, newest first."""
    return Token.objects.filter(owner=owner)


def token_for(owner: Owner, pk: UUID) -> Token:
    """One token; Token.DoesNotExist if it is not this owner's."""
    return tokens_of(owner).get(pk=pk)


def applications_of(owner: Owner) -> QuerySet[Application]:
    """Every application that a person registered, newest first."""
    return Application.objects.filter(user=owner)


def application_for(owner: Owner, pk: UUID) -> Application:
    """One of them; Application.DoesNotExist if somebody else registered it."""
    return applications_of(owner).get(pk=pk)


def accesses_of(owner: Owner) -> list[Access]:
    """Every application that may act for a person now, the last to do so first."""
    found: dict[Application, list[AccessToken]] = {}
    for token in _held(owner).select_related("application").order_by("-updated"):
        found.setdefault(token.application, []).append(token)
    return [
        Access(application, _together(tokens), tokens[0].updated)
        for application, tokens in found.items()
    ]


def acting_application(owner: Owner, pk: UUID) -> Application:
    """One that a person let act for them; Application.DoesNotExist if they did not."""
    return Application.objects.filter(accesstoken__in=_held(owner)).distinct().get(pk=pk)


def _held(owner: Owner) -> QuerySet[AccessToken]:
    """Tokens that hold, or that a refresh token can still renew: one that cannot has none."""
    now = timezone.now()
    renewable = now - timedelta(seconds=oauth2_settings.REFRESH_TOKEN_EXPIRE_SECONDS)
    return AccessToken.objects.filter(
        Q(expires__gt=now) | Q(refresh_token__isnull=False, expires__gt=renewable), user=owner
    )


def _together(tokens: list[AccessToken]) -> list[Scope]:
    """An application may have been let in on several devices."""
    given = {scope for token in tokens for scope in token.scope.split()}
    return [scope for scope in Scope if scope.value in given]
