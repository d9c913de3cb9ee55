"""Reading tokens, owner first."""

from typing import Any
from uuid import UUID

from django.db.models import QuerySet

from branding.api.models import Token

Owner = Any  # a settings.AUTH_USER_MODEL


def tokens_of(owner: Owner) -> QuerySet[Token]:
    """Every token, newest first."""
    return Token.objects.filter(owner=owner)


def token_for(owner: Owner, pk: UUID) -> Token:
    """One token; Token.DoesNotExist if it is not this owner's."""
    return tokens_of(owner).get(pk=pk)
