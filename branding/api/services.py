"""Create, authenticate and revoke tokens and applications; delete what expired."""

import hashlib
import secrets
from collections.abc import Sequence
from datetime import timedelta
from typing import Final

from django.db import transaction
from django.utils import timezone
from oauth2_provider.generators import generate_client_secret
from oauth2_provider.models import AccessToken, Grant, RefreshToken, clear_expired

from branding.accounts.models import User
from branding.api.models import Answered, Application, Scope, Token
from branding.api.redirects import validate_redirect_uris
from headshots.errors import PhotoLimitReached

TOKEN_BYTES: Final = 32  # of randomness in a token
TOKEN_PREFIX: Final = "facet_"  # lets secret scanners recognise a leaked token
TAIL_LENGTH: Final = 4  # characters of a token that are stored, for its owner to recognise it
NAME_LENGTH: Final = 80  # characters, as in the models
MAX_TOKENS: Final = 50  # personal access tokens of an account
MAX_APPLICATIONS: Final = 20  # applications that an account may register
USE_NOTE_INTERVAL: Final = timedelta(
    minutes=1
)  # the last use of a token is stored at most this often
RESPONSE_LIFETIME: Final = timedelta(
    days=1
)  # how long the response to an idempotent request is stored


def new_token_text() -> str:
    """Return the text of a new token; only its hash is ever stored."""
    return TOKEN_PREFIX + secrets.token_urlsafe(TOKEN_BYTES)


def create_token(
    owner: User, name: str, *, scopes: Sequence[str], days: int | None = None
) -> tuple[Token, str]:
    """Create a token and return it with its text, which is shown once and not stored.

    It expires after `days`; with None it does not. Raises PhotoLimitReached beyond the limit.
    """
    if Token.objects.filter(owner=owner).count() >= MAX_TOKENS:
        raise PhotoLimitReached(
            f"An account has at most {MAX_TOKENS} tokens.", advice="Revoke one that is not used."
        )
    text = new_token_text()
    token = Token.objects.create(
        owner=owner,
        name=name.strip()[:NAME_LENGTH],
        digest=_hash_token(text),
        tail=text[-TAIL_LENGTH:],
        scopes=[scope for scope in Scope.values if scope in scopes],
        expires_at=timezone.now() + timedelta(days=days) if days else None,
    )
    return token, text


def find_valid_token(text: str) -> Token | None:
    """Return the valid token with this text, or None, and store when it was used."""
    token = Token.objects.filter(digest=_hash_token(text)).select_related("owner").first()
    if token is None or token.is_expired or not token.owner.is_active:
        return None
    now = timezone.now()
    if token.used_at is None or now - token.used_at > USE_NOTE_INTERVAL:
        Token.objects.filter(pk=token.pk).update(used_at=now)
    return token


def revoke_token(token: Token) -> None:
    """Revoke a token at once."""
    token.delete()


def find_valid_access_token(text: str, *, url: str) -> AccessToken | None:
    """Return the valid OAuth access token with this text, or None, and store when it was used.

    `url` is the address that is requested: a token that was issued for another `resource`
    (RFC 8707) is not valid there.
    """
    access_tokens = AccessToken.objects.filter(token_checksum=_hash_token(text)).select_related(
        "user"
    )
    token = access_tokens.first()
    if token is None or token.is_expired() or not token.user.is_active:
        return None
    if not token.allows_audience(url):
        return None
    now = timezone.now()
    if now - token.updated > USE_NOTE_INTERVAL:  # the toolkit itself never changes an access token
        access_tokens.update(updated=now)
    return token


def register_application(
    owner: User, name: str, *, website: str, redirects: Sequence[str], is_confidential: bool
) -> tuple[Application, str]:
    """Register an application; return it with its secret, which is shown once.

    A public application has no secret, so "" is returned. Raises PhotoLimitReached beyond the
    limit, and BadRedirect for a redirect URI that is not allowed.
    """
    if Application.objects.filter(user=owner).count() >= MAX_APPLICATIONS:
        raise PhotoLimitReached(
            f"An account has at most {MAX_APPLICATIONS} applications.",
            advice="Delete one that nobody uses.",
        )
    secret = generate_client_secret()
    application = Application.objects.create(
        user=owner,
        name=name.strip()[:NAME_LENGTH],
        website=website,
        redirect_uris=" ".join(validate_redirect_uris(redirects)),
        client_type=(
            Application.CLIENT_CONFIDENTIAL if is_confidential else Application.CLIENT_PUBLIC
        ),
        authorization_grant_type=Application.GRANT_AUTHORIZATION_CODE,
        client_secret=secret,
    )
    return application, secret if is_confidential else ""


def set_redirect_uris(application: Application, redirect_uris: Sequence[str]) -> None:
    """Replace the redirect URIs of an application; BadRedirect if one is not allowed."""
    application.redirect_uris = " ".join(validate_redirect_uris(redirect_uris))
    application.save(update_fields=["redirect_uris", "updated"])


def delete_application(application: Application) -> None:
    """Delete an application, and with it every token that people granted it."""
    application.delete()


def end_all_access(owner: User) -> None:
    """Revoke every personal access token, and every token that applications have, at once."""
    with transaction.atomic():
        Token.objects.filter(owner=owner).delete()
        for model in (Grant, RefreshToken, AccessToken):
            model.objects.filter(user=owner).delete()


def revoke_access(owner: User, application: Application) -> None:
    """Revoke at once every token that one person granted an application."""
    with transaction.atomic():
        for model in (Grant, RefreshToken, AccessToken):
            model.objects.filter(user=owner, application=application).delete()


def delete_expired_tokens() -> None:
    """Delete the expired codes and tokens of applications."""
    clear_expired()


def delete_old_responses() -> int:
    """Delete stored responses of idempotent requests that are too old; return how many."""
    return Answered.objects.filter(asked_at__lt=timezone.now() - RESPONSE_LIFETIME).delete()[0]


def _hash_token(text: str) -> str:
    """Return the SHA-256; a slow hash is not needed for 256 random bits."""
    return hashlib.sha256(text.encode()).hexdigest()
