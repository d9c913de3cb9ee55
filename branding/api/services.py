"""The verbs of tokens: make, recognise, revoke; and forgetting old answers."""

import hashlib
import secrets
from collections.abc import Sequence
from datetime import timedelta
from typing import Any, Final

from django.utils import timezone

from branding.api.models import Answered, Scope, Token
from headshots.errors import TooMany

Owner = Any  # a settings.AUTH_USER_MODEL
PREFIX: Final = "facet_"  # by which scanners of published code know what they found
LIMIT: Final = 50  # tokens an account may have
GLANCE: Final = timedelta(minutes=1)  # between two notes of a token's use
KEPT: Final = timedelta(days=1)  # how long an answer can be asked for again


def make_token(
    owner: Owner, name: str, *, scopes: Sequence[str], days: int | None = None
) -> tuple[Token, str]:
    """A new token and its text, which is shown once and kept nowhere; TooMany beyond the limit."""
    if Token.objects.filter(owner=owner).count() >= LIMIT:
        raise TooMany(
            f"An account has at most {LIMIT} tokens.", advice="Revoke one that is not used."
        )
    text = PREFIX + secrets.token_urlsafe(32)
    token = Token.objects.create(
        owner=owner,
        name=name.strip()[:80],
        digest=_digest(text),
        tail=text[-4:],
        scopes=[scope for scope in Scope.values if scope in scopes],
        expires_at=timezone.now() + timedelta(days=days) if days else None,
    )
    return token, text


def recognise(text: str) -> Token | None:
    """The token with this text, if it holds; notes that it was used."""
    token = Token.objects.filter(digest=_digest(text)).select_related("owner").first()
    if token is None or token.is_expired or not token.owner.is_active:
        return None
    now = timezone.now()
    if token.used_at is None or now - token.used_at > GLANCE:
        Token.objects.filter(pk=token.pk).update(used_at=now)
    return token


def revoke_token(token: Token) -> None:
    """End a token at once."""
    token.delete()


def forget_answers() -> int:
    """Forget what was answered too long ago to be asked for again; how many there were."""
    return Answered.objects.filter(asked_at__lt=timezone.now() - KEPT).delete()[0]


def _digest(text: str) -> str:
    """256 random bits need no slow hash."""
    return hashlib.sha256(text.encode()).hexdigest()
