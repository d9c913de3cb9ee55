"""Connect an account, fetch its current picture, and disconnect it.

`begin_connection` sends the person to the platform. `finish_connection` handles the redirect back;
`poll_connection` asks the platform where no redirect comes; `connect_with_token` needs neither.
"""

import hashlib
import secrets
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from uuid import UUID

from celery import signature
from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser
from django.db import IntegrityError, transaction
from django.utils import timezone

from headshots.engine.errors import BadImage
from integrations.auth.device_poll import SignInPending
from integrations.auth.flow import Flow, StateMismatch, Tokens
from integrations.connections import flows
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
from integrations.platforms.base import Adapter, Atproto, Client, Identity, Picture
from integrations.publishing import services as publishing_services
from integrations.renditions import small

PATIENCE = timedelta(minutes=10)
LOOK = "integrations.see"


@dataclass(frozen=True)
class Question:
    """Where to send the person to sign in.

    `state` is empty if the platform redirects back; otherwise `poll_connection` takes it to ask for
    the answer.
    """

    url: str
    state: str = field(default="", repr=False)


def begin(
    owner: AbstractBaseUser, slug: str, *, binding: str, way: int = 0, told: str = ""
) -> Question:
    """Begin to connect an account and return the page of the platform to send the person to.

    `binding` is a secret of the person's session, `auth_index` the authentication method, and
    `address` what the person typed: a server or, for atproto, a handle. Raises Rejected if the
    platform is not set up or the server does not know Facet.
    """
    adapter = _open(slug, way)
    made, remembered = flows.way_to(adapter, way, told)
    if not flows.fits(adapter.platform, way, made.server):
        raise Rejected(
            f"Facet is not known at {made.server.partition('://')[2]}.",
            advice="Connect with a token instead.",
        )
    state = secrets.token_urlsafe(32)
    hint = told if isinstance(adapter.platform.auth[way], Atproto) else ""
    begun = made.begin(state, hint)
    check_url(begun.url, loopback=settings.OPEN_LOOPBACK)  # it may come from the server's answer
    row = Handshake(
        owner=owner,
        platform=slug,
        server=made.server,
        way=way,
        state=_hash(state),
        binding=_hash(binding),
        expires_at=timezone.now() + PATIENCE,
    )
    row.seal({"memory": dict(begun.memory), "remembered": dict(remembered)})
    row.save()
    return Question(begun.url, "" if made.returns else state)


def finish(
    owner: AbstractBaseUser, slug: str, *, binding: str, answer: Mapping[str, str]
) -> Connection:
    """Connect the account with the parameters of the redirect back from the platform.

    Raises StateMismatch unless the same session began it within the last ten minutes and has not
    finished it yet.
    """
    row = _asked(owner, slug, binding, answer.get("state", ""))
    _use_up(row)
    adapter, made, told = _flow_of(row)
    tokens = made.finish(told["memory"], answer)
    return _connected(owner, adapter, made, row.way, tokens, told["remembered"])


def ask(owner: AbstractBaseUser, slug: str, *, binding: str, state: str) -> Connection | None:
    """Ask the platform whether the person has approved; return the connection, or None if not yet.

    Raises StateMismatch as `finish_connection` does.
    """
    row = _asked(owner, slug, binding, state)
    adapter, made, told = _flow_of(row)
    try:
        tokens = made.finish(told["memory"], {})
    except (SignInPending, Unavailable, Uncertain, RateLimited):
        return None  # the handshake stays valid, so it can be asked again
    _use_up(row)
    try:
        return _connected(owner, adapter, made, row.way, tokens, told["remembered"])
    except PlatformError:
        with suppress(PlatformError):
            made.revoke(tokens)  # the platform hands it out once, so it would be lost otherwise
        raise


def paste(
    owner: AbstractBaseUser, slug: str, *, way: int, told: str, fields: Mapping[str, str]
) -> Connection:
    """Connect with a token that the person created at the platform, after trying it out."""
    adapter = _open(slug, way)
    made, remembered = flows.way_to(adapter, way, told)
    tokens = made.finish({}, fields)
    return _connected(owner, adapter, made, way, tokens, remembered)


def look(connection: Connection) -> None:
    """Read the current picture of an account and store a small copy of it."""
    adapter = flows.adapter_of(connection.slug)
    with connection_tokens.client_of(connection) as client:
        live = adapter.current(client, adapter.platform.slot)
        data = _bytes(client, live)
    Connection.objects.filter(pk=connection.pk).update(
        picture_key=live.key[:500] if live else "",
        portrait=_portrait(data),
        looked_at=timezone.now(),
    )


def see(pk: UUID) -> None:
    """Read the current picture if the account is connected; an error is only logged."""
    connection = Connection.objects.filter(pk=pk, state=Connection.State.CONNECTED).first()
    try:
        if connection:
            look(connection)
    except PlatformError as error:
        connection_tokens.log.warning("%s: not seen, %s", connection.slug, error.code)


def look_soon(connection: Connection) -> None:
    """Enqueue a task that reads the current picture once the transaction is committed."""
    message = signature(LOOK, (str(connection.pk),), ignore_result=True)
    transaction.on_commit(message.delay, robust=True)


def look_at_new() -> None:
    """Enqueue accounts of the last hour whose picture is unknown, as messages may get lost."""
    young = timezone.now() - timedelta(hours=1)
    for connection in Connection.objects.filter(
        state=Connection.State.CONNECTED, looked_at=None, connected_at__gt=young
    ):
        look_soon(connection)


def disconnect(connection: Connection) -> bool:
    """Revoke the tokens at the platform and delete them; return whether they were revoked.

    The picture at the platform stays, and so does the history here.
    """
    grant = Grant.objects.filter(connection=connection).first()
    told = True
    try:
        if grant:
            tokens, made = connection_tokens.tokens_of(grant)
            made.revoke(tokens)
            told = made.revokes
    except PlatformError as error:
        told = False
        connection_tokens.log.warning("%s: not revoked, %s", connection.slug, error.code)
    with transaction.atomic():
        Grant.objects.filter(connection=connection).delete()
        Connection.objects.filter(pk=connection.pk).update(
            state=Connection.State.ENDED, reason="", portrait=b"", ended_at=timezone.now()
        )
        publishing_services.stop(connection)
    return told


def will_tell(connection: Connection) -> bool:
    """Return whether the tokens of a connection can be revoked at the platform."""
    grant = Grant.objects.filter(connection=connection).select_related("connection").first()
    return grant is not None and connection_tokens.tokens_of(grant)[1].revokes


def _open(slug: str, way: int) -> Adapter:
    adapter = flows.adapter_of(slug)
    if way not in flows.open_ways(adapter.platform):
        raise Rejected(
            f"{adapter.platform.name} is not set up here.",
            advice="Ask whoever runs this Facet; the connections page says how.",
        )
    return adapter


def _asked(owner: AbstractBaseUser, slug: str, binding: str, state: str) -> Handshake:
    """Return the handshake that an answer belongs to; StateMismatch if there is none."""
    row = Handshake.objects.filter(
        owner=owner,
        platform=slug,
        state=_hash(state),
        binding=_hash(binding),
        expires_at__gt=timezone.now(),
    ).first()
    if row is None:
        raise _strange()
    return row


def _use_up(row: Handshake) -> None:
    """Delete the handshake; StateMismatch if another request used it at the same time."""
    if not Handshake.objects.filter(pk=row.pk).delete()[0]:
        raise _strange()


def _strange() -> StateMismatch:
    return StateMismatch(
        "This answer belongs to no question that was asked here, or came too late."
    )


def _flow_of(row: Handshake) -> tuple[Adapter, Flow[Any], Mapping[str, Any]]:
    """Return the adapter, the flow that the handshake began, and the handshake's sealed data."""
    adapter, told = flows.adapter_of(row.platform), row.unseal()
    return adapter, flows.way_back(adapter.platform, row.way, row.server, told["remembered"]), told


def _connected(
    owner: AbstractBaseUser,
    adapter: Adapter,
    made: Flow[Any],
    way: int,
    tokens: Tokens,
    remembered: Any,
) -> Connection:
    """Identify the account and store its tokens; an earlier connection of it is used again."""
    client = flows.client_for(adapter, made, made.server, tokens, {})
    who = adapter.identify(client)
    # An account with a DID (atproto) may move to another server, so its server does not identify
    # it.
    lives_at = "" if "did" in tokens.more else made.server
    with transaction.atomic():
        connection = _row(owner, adapter.platform.slug, lives_at, who)
        connection_tokens.keep(connection, way=way, tokens=tokens, remembered=remembered)
        publishing_services.resume(connection)
        look_soon(connection)
    return connection


def _row(owner: AbstractBaseUser, slug: str, server: str, who: Identity) -> Connection:
    told = {
        "account_name": who.name[:255],
        "account_url": who.url,
        "facts": dict(who.facts),
        "state": Connection.State.CONNECTED,
        "reason": "",
        "connected_at": timezone.now(),
        "ended_at": None,
    }
    try:
        with transaction.atomic():
            return Connection.objects.update_or_create(
                owner=owner, slug=slug, server=server, account_id=who.id, defaults=told
            )[0]
    except IntegrityError as error:
        raise AlreadyConnected(
            f"{who.name} is connected by somebody else.",
            advice="Disconnect it there first: two cannot both decide what hangs there.",
        ) from error


def _bytes(client: Client, live: Picture | None) -> bytes:
    if live is None:
        return b""
    return live.data or client.door.fetch(live.url).data


def _portrait(data: bytes) -> bytes:
    """Return a small JPEG, or nothing for a file that cannot be decoded, such as an SVG."""
    try:
        return small(data) if data else b""
    except BadImage:
        return b""


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
