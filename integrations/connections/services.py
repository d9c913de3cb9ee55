"""The verbs of connecting: begin, finish, ask, paste, look, disconnect."""

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

Owner = Any  # a settings.AUTH_USER_MODEL
PATIENCE = timedelta(minutes=10)
LOOK = "integrations.see"


@dataclass(frozen=True)
class Question:
    """The platform's own page to send the person to; how to ask for the answer if none comes."""

    url: str
    state: str = field(default="", repr=False)


def begin(owner: Owner, slug: str, *, binding: str, way: int = 0, told: str = "") -> Question:
    """Have the platform ask the person; `binding` is a secret of their session."""
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
    check_url(begun.url, loopback=settings.OPEN_LOOPBACK)  # a server may have named it
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


def finish(owner: Owner, slug: str, *, binding: str, answer: Mapping[str, str]) -> Connection:
    """The person is back; StateMismatch unless this very session sent them, once, minutes ago."""
    row = _asked(owner, slug, binding, answer.get("state", ""))
    _use_up(row)
    adapter, made, told = _flow_of(row)
    tokens = made.finish(told["memory"], answer)
    return _connected(owner, adapter, made, row.way, tokens, told["remembered"])


def ask(owner: Owner, slug: str, *, binding: str, state: str) -> Connection | None:
    """Whether the person said yes there by now; None: not yet. StateMismatch as for `finish`."""
    row = _asked(owner, slug, binding, state)
    adapter, made, told = _flow_of(row)
    try:
        tokens = made.finish(told["memory"], {})
    except (
        SignInPending,
        Unavailable,
        Uncertain,
        RateLimited,
    ):  # the question stands for ten minutes
        return None
    _use_up(row)
    try:
        return _connected(owner, adapter, made, row.way, tokens, told["remembered"])
    except PlatformError:
        with suppress(PlatformError):
            made.revoke(tokens)  # it was told once: nobody could use it or end it any more
        raise


def paste(owner: Owner, slug: str, *, way: int, told: str, fields: Mapping[str, str]) -> Connection:
    """Connect with a token that the person made; it is tried before it is kept."""
    adapter = _open(slug, way)
    made, remembered = flows.way_to(adapter, way, told)
    tokens = made.finish({}, fields)
    return _connected(owner, adapter, made, way, tokens, remembered)


def look(connection: Connection) -> None:
    """See what hangs there now, and keep a small picture of it."""
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
    """Look, as a worker does: whoever cannot be reached now is looked at another time."""
    connection = Connection.objects.filter(pk=pk, state=Connection.State.CONNECTED).first()
    try:
        if connection:
            look(connection)
    except PlatformError as error:
        connection_tokens.log.warning("%s: not seen, %s", connection.slug, error.code)


def look_soon(connection: Connection) -> None:
    """Ask a worker to look; what gets lost is asked again while the connection is young."""
    message = signature(LOOK, (str(connection.pk),), ignore_result=True)
    transaction.on_commit(message.delay, robust=True)


def look_at_new() -> None:
    """Ask again for the accounts of the last hour that nobody has looked at yet."""
    young = timezone.now() - timedelta(hours=1)
    for connection in Connection.objects.filter(
        state=Connection.State.CONNECTED, looked_at=None, connected_at__gt=young
    ):
        look_soon(connection)


def disconnect(connection: Connection) -> bool:
    """Revoke at the platform, then forget; False if it could not be told.

    What hangs there stays, and so does the history here.
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
    """Whether the platform can be told when it ends."""
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


def _asked(owner: Owner, slug: str, binding: str, state: str) -> Handshake:
    """The handshake that an answer belongs to."""
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
    """No second answer belongs to it: a delete that counts one."""
    if not Handshake.objects.filter(pk=row.pk).delete()[0]:
        raise _strange()


def _strange() -> StateMismatch:
    return StateMismatch(
        "This answer belongs to no question that was asked here, or came too late."
    )


def _flow_of(row: Handshake) -> tuple[Adapter, Flow[Any], Mapping[str, Any]]:
    """The platform, the flow that began there, and what was kept of its beginning."""
    adapter, told = flows.adapter_of(row.platform), row.unseal()
    return adapter, flows.way_back(adapter.platform, row.way, row.server, told["remembered"]), told


def _connected(
    owner: Owner, adapter: Adapter, made: Flow[Any], way: int, tokens: Tokens, remembered: Any
) -> Connection:
    """Find out who it is and keep the tokens; what was there before of this account goes on."""
    client = flows.client_for(adapter, made, made.server, tokens, {})
    who = adapter.identify(client)
    lives_at = "" if "did" in tokens.more else made.server  # a DID moves from server to server
    with transaction.atomic():
        connection = _row(owner, adapter.platform.slug, lives_at, who)
        connection_tokens.keep(connection, way=way, tokens=tokens, remembered=remembered)
        publishing_services.resume(connection)
        look_soon(connection)
    return connection


def _row(owner: Owner, slug: str, server: str, who: Identity) -> Connection:
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
    """A small picture; nothing for what is none that can be shown, such as a drawing in SVG."""
    try:
        return small(data) if data else b""
    except BadImage:
        return b""


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
