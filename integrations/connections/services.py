"""Connect an account and disconnect it.

`begin_connection` sends the person to the platform. `finish_connection` handles the redirect back;
`poll_connection` asks the platform where no redirect comes; `connect_with_token` needs neither.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils import timezone

from headshots.errors import FacetError
from headshots.isolation import run_isolated
from integrations.auth.device_poll import SignInPending
from integrations.auth.dynamic_registration import is_unknown_client
from integrations.auth.flow import (
    ClientForgotten,
    SignInFlow,
    StateMismatch,
    Tokens,
    raise_if_denied,
)
from integrations.connections import pictures, sign_in_setup
from integrations.connections import tokens as connection_tokens
from integrations.connections.repeated_callbacks import await_first_callback, noted_sign_in
from integrations.errors import (
    AlreadyConnected,
    PlatformError,
    RateLimited,
    Rejected,
    Unavailable,
    Uncertain,
)
from integrations.models import Connection, Grant, Handshake
from integrations.outbound.hosts import check_url
from integrations.platforms.base import (
    AccountIdentity,
    AtprotoOAuth,
    DevicePoll,
    Platform,
    PlatformAdapter,
)
from integrations.publishing import services as publishing_services
from integrations.vault import Unreadable

if TYPE_CHECKING:
    from headshots.models import User

HANDSHAKE_LIFETIME = timedelta(minutes=10)


@dataclass(frozen=True)
class AuthorizationRequest:
    """Where to send the person to sign in.

    `state` is empty if the platform redirects back; otherwise `poll_connection` takes it to ask for
    the answer.
    """

    url: str
    state: str = field(default="", repr=False)


def begin_connection(
    owner: User, slug: str, *, binding: str, auth_index: int = 0, address: str = ""
) -> AuthorizationRequest:
    """Begin to connect an account and return the page of the platform to send the person to.

    `binding` is a secret of the person's session, `auth_index` the authentication method, and
    `address` what the person typed: a server or, for atproto, a handle. Raises Rejected if the
    platform is not set up or the server does not know Facet.
    """
    adapter = _get_available_adapter(slug, auth_index)
    auth_flow, remembered = sign_in_setup.prepare_flow(adapter, auth_index, address)
    _require_known_client(adapter.platform, auth_index, auth_flow.server)
    state = secrets.token_urlsafe(32)
    login_hint = address if isinstance(adapter.platform.auth[auth_index], AtprotoOAuth) else ""
    authorization = auth_flow.begin_sign_in(state, login_hint)
    # The URL may come from the server's response.
    check_url(authorization.url, allow_loopback=settings.OPEN_LOOPBACK)
    handshake = Handshake(
        owner=owner,
        platform=slug,
        server=auth_flow.server,
        way=auth_index,
        state=_hash_text(state),
        binding=_hash_text(binding),
        expires_at=timezone.now() + HANDSHAKE_LIFETIME,
    )
    handshake.seal({"memory": dict(authorization.saved_state), "remembered": dict(remembered)})
    handshake.save()
    return AuthorizationRequest(authorization.url, "" if auth_flow.uses_redirect else state)


def _require_known_client(platform: Platform, auth_index: int, server: str) -> None:
    """Raise Rejected unless Facet is registered as a client of the server."""
    if not sign_in_setup.is_known_at(platform, auth_index, server):
        raise Rejected(
            f"Facet is not known at {server.partition('://')[2]}.",
            advice="Connect with a token instead.",
        )


def finish_connection(
    owner: User, slug: str, *, binding: str, callback_parameters: Mapping[str, str]
) -> Connection:
    """Connect the account with the parameters of the redirect back from the platform.

    A callback that is repeated meanwhile gets the same connection. Raises StateMismatch unless the
    same session began it within the last ten minutes and has not finished it yet.
    """
    state = callback_parameters.get("state", "")
    if not state:  # some servers say no without it
        raise_if_denied(callback_parameters, sign_in_setup.get_adapter(slug).platform.name)
    try:
        handshake = _find_handshake(owner, slug, binding, state)
        with noted_sign_in(handshake) as noted:
            _consume_handshake(handshake)
            connection = _exchange_code(owner, handshake, callback_parameters)
            noted.append(connection)
            return connection
    except StateMismatch:
        first = await_first_callback(owner.pk, _hash_text(binding), _hash_text(state))
        if first is None:
            raise
        return first


def _exchange_code(
    owner: User, handshake: Handshake, callback_parameters: Mapping[str, str]
) -> Connection:
    """Exchange the code for tokens, and connect the account that they belong to."""
    adapter, auth_flow, unsealed = _restore_flow(handshake)
    try:
        tokens = auth_flow.finish_sign_in(unsealed["memory"], callback_parameters)
    except PlatformError as error:
        _raise_if_client_forgotten(error, adapter.platform, auth_flow, handshake.way)
        raise
    return _save_connection(
        owner, adapter, auth_flow, handshake.way, tokens, unsealed["remembered"]
    )


def _raise_if_client_forgotten(
    error: PlatformError, platform: Platform, auth_flow: SignInFlow[Any], auth_index: int
) -> None:
    """Raise ClientForgotten if the server no longer knows an app that was registered there.

    An app of the operator stays: whether its secret is wrong is for the operator to find out.
    """
    if not is_unknown_client(error):
        return
    if sign_in_setup.forget_app(platform, auth_flow.server, auth_flow.app):
        host = auth_flow.server.partition("://")[2]
        forgotten = ClientForgotten(f"{host} had forgotten Facet.", platform=host)
        forgotten.server, forgotten.auth_index = auth_flow.server, auth_index
        raise forgotten from error


def find_recent_connection(owner: User, slug: str) -> Connection | None:
    """Return the account at a platform that was connected last, if that was just now.

    It answers a callback that is loaded twice: the first one has used the sign-in up.
    """
    connected_after = timezone.now() - HANDSHAKE_LIFETIME
    recent = Connection.objects.filter(
        owner=owner, slug=slug, state=Connection.State.CONNECTED, connected_at__gt=connected_after
    )
    return recent.order_by("-connected_at").first()


def poll_connection(owner: User, slug: str, *, binding: str, state: str) -> Connection | None:
    """Ask the platform whether the person has approved; return the connection, or None if not yet.

    Raises StateMismatch as `finish_connection` does.
    """
    handshake = _find_handshake(owner, slug, binding, state)
    adapter, auth_flow, unsealed = _restore_flow(handshake)
    try:
        tokens = auth_flow.finish_sign_in(unsealed["memory"], {})
    except (SignInPending, Unavailable, Uncertain, RateLimited):
        return None  # the handshake stays valid, so it can be asked again
    _consume_handshake(handshake)
    return _save_connection(
        owner, adapter, auth_flow, handshake.way, tokens, unsealed["remembered"]
    )


def connect_with_token(
    owner: User, slug: str, *, auth_index: int, address: str, fields: Mapping[str, str]
) -> Connection:
    """Connect with a token that the person created at the platform, after trying it out."""
    adapter = _get_available_adapter(slug, auth_index)
    auth_flow, remembered = sign_in_setup.prepare_flow(adapter, auth_index, address)
    tokens = auth_flow.finish_sign_in({}, fields)
    return _save_connection(owner, adapter, auth_flow, auth_index, tokens, remembered)


def end_connection(connection: Connection) -> bool:
    """Revoke the tokens at the platform and delete them; return whether they were revoked.

    The picture at the platform stays, and so does the history here.
    """
    grant = Grant.objects.filter(connection=connection).first()
    is_revoked = True
    try:
        if grant:
            tokens, auth_flow = connection_tokens.unseal_tokens(grant)
            auth_flow.revoke_tokens(tokens)
            is_revoked = auth_flow.can_revoke
    except (FacetError, Unreadable) as error:
        is_revoked = False
        connection_tokens.log.warning("%s: not revoked, %r", connection.slug, type(error))
    with transaction.atomic():
        Grant.objects.filter(connection=connection).delete()
        Connection.objects.filter(pk=connection.pk).update(
            state=Connection.State.ENDED, reason="", portrait=b"", ended_at=timezone.now()
        )
        publishing_services.cancel_for_connection(connection)
    return is_revoked


def can_revoke(connection: Connection) -> bool:
    """Return whether the tokens of a connection can be revoked at the platform."""
    grant = Grant.objects.filter(connection=connection).select_related("connection").first()
    try:
        return grant is not None and connection_tokens.unseal_tokens(grant)[1].can_revoke
    except (FacetError, Unreadable):
        return False


def _get_available_adapter(slug: str, auth_index: int) -> PlatformAdapter:
    adapter = sign_in_setup.get_adapter(slug)
    if auth_index not in sign_in_setup.available_auth_indexes(adapter.platform):
        raise Rejected(
            f"{adapter.platform.name} is not set up here.",
            advice="Ask whoever runs this Facet; the connections page says how.",
        )
    return adapter


def _find_handshake(owner: User, slug: str, binding: str, state: str) -> Handshake:
    """Return the handshake that an answer belongs to; StateMismatch if there is none."""
    handshake = Handshake.objects.filter(
        owner=owner,
        platform=slug,
        state=_hash_text(state),
        binding=_hash_text(binding),
        expires_at__gt=timezone.now(),
    ).first()
    if handshake is None:
        raise _state_mismatch()
    return handshake


def _consume_handshake(handshake: Handshake) -> None:
    """Delete the handshake; StateMismatch if another request used it at the same time."""
    if not Handshake.objects.filter(pk=handshake.pk).delete()[0]:
        raise _state_mismatch()


def _state_mismatch() -> StateMismatch:
    return StateMismatch(
        "This answer belongs to no question that was asked here, or came too late."
    )


def _restore_flow(
    handshake: Handshake,
) -> tuple[PlatformAdapter, SignInFlow[Any], Mapping[str, Any]]:
    """Return the adapter, the flow that the handshake began, and the handshake's sealed data."""
    adapter, unsealed = sign_in_setup.get_adapter(handshake.platform), handshake.unseal()
    return (
        adapter,
        sign_in_setup.restore_flow(
            adapter.platform, handshake.way, handshake.server, unsealed["remembered"]
        ),
        unsealed,
    )


def _save_connection(
    owner: User,
    adapter: PlatformAdapter,
    auth_flow: SignInFlow[Any],
    auth_index: int,
    tokens: Tokens,
    remembered: Any,
) -> Connection:
    """Identify the account and store its tokens; an earlier connection of it is used again.

    Tokens that are not stored are revoked, and so are those that they replace.
    """
    client = sign_in_setup.create_platform_client(adapter, auth_flow, auth_flow.server, tokens, {})
    identity = None
    try:
        identity = adapter.identify_account(client)
        # An account with a DID (atproto) may move, so its server does not identify it.
        account_server = "" if "did" in tokens.more else auth_flow.server
        _end_lost_connections(owner, adapter.platform.slug, account_server, identity)
        with transaction.atomic():
            connection = _update_or_create_connection(
                owner, adapter.platform.slug, account_server, identity
            )
            old_grant = Grant.objects.filter(connection=connection).first()
            connection_tokens.save_tokens(
                connection, auth_index=auth_index, tokens=tokens, remembered=remembered
            )
            publishing_services.resume_for_connection(connection)
            pictures.enqueue_picture_fetch(connection)
    except Exception:
        if not _is_token_in_use(adapter.platform.slug, identity, auth_flow, tokens):
            with suppress(PlatformError):
                auth_flow.revoke_tokens(tokens)
        raise
    if old_grant:
        _revoke_replaced_tokens(old_grant, tokens)
    return connection


def _is_token_in_use(
    slug: str, identity: AccountIdentity | None, auth_flow: SignInFlow[Any], tokens: Tokens
) -> bool:
    """Return whether another connection of the account would end with these tokens.

    Some servers give the same token again, and some end all tokens of an account together.
    """
    if identity is None or isinstance(auth_flow.auth, DevicePoll):  # every password is a new one
        return False
    grants = list(Grant.objects.filter(connection__slug=slug, connection__account_id=identity.id))
    if getattr(auth_flow.auth, "revokes_whole_grant", False):
        return bool(grants)
    return any(
        run_isolated("token", connection_tokens.unseal_tokens, grant) is not None
        and connection_tokens.unseal_tokens(grant)[0].access == tokens.access
        for grant in grants
    )


def _revoke_replaced_tokens(old_grant: Grant, new_tokens: Tokens) -> None:
    """Revoke the tokens of an earlier sign-in, unless that would end the new ones, too."""
    try:
        old_tokens, old_flow = connection_tokens.unseal_tokens(old_grant)
        is_same = old_tokens.access == new_tokens.access
        if not is_same and not getattr(old_flow.auth, "revokes_whole_grant", False):
            old_flow.revoke_tokens(old_tokens)
    except (FacetError, Unreadable) as error:
        slug = old_grant.connection.slug
        connection_tokens.log.warning("%s: not revoked, %r", slug, type(error))


def _end_lost_connections(owner: User, slug: str, server: str, identity: AccountIdentity) -> None:
    """End connections of this account that somebody else has lost.

    Who signs in to the account now is its owner. If another connection of it is not known to be
    lost, its token is tried out first.
    """
    others = Connection.objects.filter(slug=slug, server=server, account_id=identity.id)
    for connection in others.exclude(owner=owner).exclude(state=Connection.State.ENDED):
        with suppress(FacetError), connection_tokens.open_client(connection) as client:
            sign_in_setup.get_adapter(slug).identify_account(client)
        connection.refresh_from_db()
        if connection.state == Connection.State.LOST:
            end_connection(connection)


def _update_or_create_connection(
    owner: User, slug: str, server: str, identity: AccountIdentity
) -> Connection:
    values = {
        "account_name": identity.name[:255],
        "account_url": identity.url[:500],
        "facts": dict(identity.facts),
        "state": Connection.State.CONNECTED,
        "reason": "",
        "connected_at": timezone.now(),
        "ended_at": None,
    }
    try:
        with transaction.atomic():
            return Connection.objects.update_or_create(
                owner=owner, slug=slug, server=server, account_id=identity.id, defaults=values
            )[0]
    except IntegrityError as error:
        raise AlreadyConnected(
            f"{identity.name} is connected by somebody else.",
            advice="Disconnect it there first: only one of the two can decide what is shown.",
        ) from error


def _hash_text(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
