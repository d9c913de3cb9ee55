"""Connect an account, fetch its current picture, and disconnect it.

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
from uuid import UUID

from celery import signature
from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils import timezone

from headshots.engine.errors import BadImage
from integrations.auth.device_poll import SignInPending
from integrations.auth.flow import SignInFlow, StateMismatch, Tokens
from integrations.connections import sign_in_setup
from integrations.connections import tokens as connection_tokens
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
    Platform,
    PlatformAdapter,
    PlatformClient,
    ProfilePicture,
)
from integrations.publishing import services as publishing_services
from integrations.renditions import make_preview

if TYPE_CHECKING:
    from headshots.models import User

HANDSHAKE_LIFETIME = timedelta(minutes=10)
FETCH_PICTURE_TASK = "integrations.see"


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

    Raises StateMismatch unless the same session began it within the last ten minutes and has not
    finished it yet.
    """
    handshake = _find_handshake(owner, slug, binding, callback_parameters.get("state", ""))
    _consume_handshake(handshake)
    adapter, auth_flow, unsealed = _restore_flow(handshake)
    tokens = auth_flow.finish_sign_in(unsealed["memory"], callback_parameters)
    return _save_connection(
        owner, adapter, auth_flow, handshake.way, tokens, unsealed["remembered"]
    )


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
    try:
        return _save_connection(
            owner, adapter, auth_flow, handshake.way, tokens, unsealed["remembered"]
        )
    except PlatformError:
        with suppress(PlatformError):
            auth_flow.revoke_tokens(tokens)  # handed out once, so it would be lost otherwise
        raise


def connect_with_token(
    owner: User, slug: str, *, auth_index: int, address: str, fields: Mapping[str, str]
) -> Connection:
    """Connect with a token that the person created at the platform, after trying it out."""
    adapter = _get_available_adapter(slug, auth_index)
    auth_flow, remembered = sign_in_setup.prepare_flow(adapter, auth_index, address)
    tokens = auth_flow.finish_sign_in({}, fields)
    return _save_connection(owner, adapter, auth_flow, auth_index, tokens, remembered)


def fetch_current_picture(connection: Connection) -> None:
    """Read the current picture of an account and store a small copy of it."""
    adapter = sign_in_setup.get_adapter(connection.slug)
    with connection_tokens.open_client(connection) as client:
        picture = adapter.read_current_picture(client, adapter.platform.slot)
        data = _download_picture(client, picture)
    Connection.objects.filter(pk=connection.pk).update(
        picture_key=picture.key[:500] if picture else "",
        portrait=_make_portrait(data),
        looked_at=timezone.now(),
    )


def try_fetch_picture(connection_pk: UUID) -> None:
    """Read the current picture if the account is connected; an error is only logged."""
    connection = Connection.objects.filter(
        pk=connection_pk, state=Connection.State.CONNECTED
    ).first()
    if connection is None:
        return
    try:
        fetch_current_picture(connection)
    except PlatformError as error:
        connection_tokens.log.warning("%s: not seen, %s", connection.slug, error.code)


def enqueue_picture_fetch(connection: Connection) -> None:
    """Enqueue a task that reads the current picture once the transaction is committed."""
    message = signature(FETCH_PICTURE_TASK, (str(connection.pk),), ignore_result=True)
    transaction.on_commit(message.delay, robust=True)


def enqueue_missing_pictures() -> None:
    """Enqueue accounts of the last hour whose picture is unknown, as messages may get lost."""
    connected_after = timezone.now() - timedelta(hours=1)
    for connection in Connection.objects.filter(
        state=Connection.State.CONNECTED, looked_at=None, connected_at__gt=connected_after
    ):
        enqueue_picture_fetch(connection)


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
    except PlatformError as error:
        is_revoked = False
        connection_tokens.log.warning("%s: not revoked, %s", connection.slug, error.code)
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
    return grant is not None and connection_tokens.unseal_tokens(grant)[1].can_revoke


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
    """Identify the account and store its tokens; an earlier connection of it is used again."""
    client = sign_in_setup.create_platform_client(adapter, auth_flow, auth_flow.server, tokens, {})
    identity = adapter.identify_account(client)
    # An account with a DID (atproto) may move, so its server does not identify it.
    account_server = "" if "did" in tokens.more else auth_flow.server
    with transaction.atomic():
        connection = _update_or_create_connection(
            owner, adapter.platform.slug, account_server, identity
        )
        connection_tokens.save_tokens(
            connection, auth_index=auth_index, tokens=tokens, remembered=remembered
        )
        publishing_services.resume_for_connection(connection)
        enqueue_picture_fetch(connection)
    return connection


def _update_or_create_connection(
    owner: User, slug: str, server: str, identity: AccountIdentity
) -> Connection:
    values = {
        "account_name": identity.name[:255],
        "account_url": identity.url,
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
            advice="Disconnect it there first: two cannot both decide what hangs there.",
        ) from error


def _download_picture(client: PlatformClient, picture: ProfilePicture | None) -> bytes:
    if picture is None:
        return b""
    return picture.data or client.outbound.download_picture(picture.url).data


def _make_portrait(data: bytes) -> bytes:
    """Return a small JPEG, or nothing for a file that cannot be decoded, such as an SVG."""
    try:
        return make_preview(data) if data else b""
    except BadImage:
        return b""


def _hash_text(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
