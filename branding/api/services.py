"""The verbs of tokens and applications: make, recognise, end; and forgetting what is over."""

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
PREFIX: Final = "facet_"  # by which scanners of published code know what they found
LIMIT: Final = 50  # tokens an account may have
APPLICATIONS: Final = 20  # applications it may register
GLANCE: Final = timedelta(minutes=1)  # between two notes of a token's use
KEPT: Final = timedelta(days=1)  # how long an answer can be asked for again


def new_token_text() -> str:
    """What a new token says; only a hash of it is ever kept."""
    return PREFIX + secrets.token_urlsafe(32)


def make_token(
    owner: Owner, name: str, *, scopes: Sequence[str], days: int | None = None
) -> tuple[Token, str]:
    """A new token and its text, which is shown once and kept nowhere; PhotoLimitReached beyond the limit."""
    if Token.objects.filter(owner=owner).count() >= LIMIT:
        raise PhotoLimitReached(
            f"An account has at most {LIMIT} tokens.", advice="Revoke one that is not used."
        )
    text = new_token_text()
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


def recognise_granted(text: str, *, url: str) -> AccessToken | None:
    """The token that a person let an application have, if it holds here; notes that it was used.

    A token that was asked for another `resource` (RFC 8707) than this address is none.
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
    """A new application and its secret, which is shown once; a public one has none.

    PhotoLimitReached beyond the limit, BadRedirect for an address where it may not be answered.
    """
    if Application.objects.filter(user=owner).count() >= APPLICATIONS:
        raise PhotoLimitReached(
            f"An account has at most {APPLICATIONS} applications.",
            advice="Delete one that nobody uses.",
        )
    secret = generate_client_secret()
    application = Application.objects.create(
        user=owner,
        name=name.strip()[:80],
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
    """Answer an application at these addresses and no others; BadRedirect if it may not be."""
    application.redirect_uris = " ".join(checked(redirects))
    application.save(update_fields=["redirect_uris", "updated"])


def remove(application: Application) -> None:
    """Delete an application; every token that anybody let it have ends with it."""
    application.delete()


def end_access(owner: Owner, application: Application) -> None:
    """End at once what an application may do for one person, on every device it has."""
    with transaction.atomic():
        for model in (Grant, RefreshToken, AccessToken):
            model.objects.filter(user=owner, application=application).delete()


def forget_expired() -> None:
    """Forget codes and tokens of applications that no longer hold."""
    clear_expired()


def forget_answers() -> int:
    """Forget what was answered too long ago to be asked for again; how many there were."""
    return Answered.objects.filter(asked_at__lt=timezone.now() - KEPT).delete()[0]


def _digest(text: str) -> str:
    """256 random bits need no slow hash."""
    return hashlib.sha256(text.encode()).hexdigest()
