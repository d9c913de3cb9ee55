"""Create, authenticate and revoke tokens and applications; delete what expired."""

import hashlib
import secrets
from collections.abc import Sequence
from datetime import timedelta
from typing import Any, Final

from django.db import transaction
from django.utils import timezone
from oauth2_provider.generators import generate_client_secret
from oauth2_provider.models import AccessToken, Grant, RefreshToken, clear_expired

from branding.api.models import Answered, Application, Scope, Token
from branding.api.redirects import checked
from headshots.errors import PhotoLimitReached

Owner = Any  # a settings.AUTH_USER_MODEL
TOKEN_BYTES: Final = 32  # of randomness in a token
PREFIX: Final = "facet_"  # lets secret scanners recognise a leaked token
TAIL_LENGTH: Final = 4  # characters of a token that are stored, for its owner to recognise it
NAME_LENGTH: Final = 80  # characters, as in the models
LIMIT: Final = 50  # personal access tokens of an account
APPLICATIONS: Final = 20  # applications that an account may register
GLANCE: Final = timedelta(minutes=1)  # the last use of a token is stored at most this often
KEPT: Final = timedelta(days=1)  # how long the response to an idempotent request is stored


def new_token_text() -> str:
    """Return the text of a new token; only its hash is ever stored."""
    return PREFIX + secrets.token_urlsafe(TOKEN_BYTES)


def make_token(
    owner: Owner, name: str, *, scopes: Sequence[str], days: int | None = None
) -> tuple[Token, str]:
    """Create a token and return it with its text, which is shown once and not stored.

    It expires after `days`; with None it does not. Raises PhotoLimitReached beyond the limit.
    """
    if Token.objects.filter(owner=owner).count() >= LIMIT:
        raise PhotoLimitReached(
            f"An account has at most {LIMIT} tokens.", advice="Revoke one that is not used."
        )
    text = new_token_text()
    token = Token.objects.create(
        owner=owner,
        name=name.strip()[:NAME_LENGTH],
        digest=_digest(text),
        tail=text[-TAIL_LENGTH:],
        scopes=[scope for scope in Scope.values if scope in scopes],
        expires_at=timezone.now() + timedelta(days=days) if days else None,
    )
    return token, text


def recognise(text: str) -> Token | None:
    """Return the valid token with this text, or None, and store when it was used."""
    token = Token.objects.filter(digest=_digest(text)).select_related("owner").first()
    if token is None or token.is_expired or not token.owner.is_active:
        return None
    now = timezone.now()
    if token.used_at is None or now - token.used_at > GLANCE:
        Token.objects.filter(pk=token.pk).update(used_at=now)
    return token


def revoke_token(token: Token) -> None:
    """Revoke a token at once."""
    token.delete()


def recognise_granted(text: str, *, url: str) -> AccessToken | None:
    """Return the valid OAuth access token with this text, or None, and store when it was used.

    `url` is the address that is requested: a token that was issued for another `resource`
    (RFC 8707) is not valid there.
    """
    granted = AccessToken.objects.filter(token_checksum=_digest(text)).select_related("user")
    token = granted.first()
    if token is None or token.is_expired() or not token.user.is_active:
        return None
    if not token.allows_audience(url):
        return None
    now = timezone.now()
    if now - token.updated > GLANCE:  # the toolkit itself never changes an access token
        granted.update(updated=now)
    return token


def register(
    owner: Owner, name: str, *, website: str, redirects: Sequence[str], is_confidential: bool
) -> tuple[Application, str]:
    """Register an application; return it with its secret, which is shown once.

    A public application has no secret, so "" is returned. Raises PhotoLimitReached beyond the
    limit, and BadRedirect for a redirect URI that is not allowed.
    """
    if Application.objects.filter(user=owner).count() >= APPLICATIONS:
        raise PhotoLimitReached(
            f"An account has at most {APPLICATIONS} applications.",
            advice="Delete one that nobody uses.",
        )
    secret = generate_client_secret()
    application = Application.objects.create(
        user=owner,
        name=name.strip()[:NAME_LENGTH],
        website=website,
        redirect_uris=" ".join(checked(redirects)),
        client_type=(
            Application.CLIENT_CONFIDENTIAL if is_confidential else Application.CLIENT_PUBLIC
        ),
        authorization_grant_type=Application.GRANT_AUTHORIZATION_CODE,
        client_secret=secret,
    )
    return application, secret if is_confidential else ""


def answer_at(application: Application, redirects: Sequence[str]) -> None:
    """Replace the redirect URIs of an application; BadRedirect if one is not allowed."""
    application.redirect_uris = " ".join(checked(redirects))
    application.save(update_fields=["redirect_uris", "updated"])


def remove(application: Application) -> None:
    """Delete an application, and with it every token that people granted it."""
    application.delete()


def end_access(owner: Owner, application: Application) -> None:
    """Revoke at once every token that one person granted an application."""
    with transaction.atomic():
        for model in (Grant, RefreshToken, AccessToken):
            model.objects.filter(user=owner, application=application).delete()


def forget_expired() -> None:
    """Delete the expired codes and tokens of applications."""
    clear_expired()


def forget_answers() -> int:
    """Delete stored responses of idempotent requests that are too old; return how many."""
    return Answered.objects.filter(asked_at__lt=timezone.now() - KEPT).delete()[0]


def _digest(text: str) -> str:
    """Return the SHA-256; a slow hash is not needed for 256 random bits."""
    return hashlib.sha256(text.encode()).hexdigest()
