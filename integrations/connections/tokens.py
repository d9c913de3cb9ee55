"""Tokens over time: kept sealed, renewed before they end, lost only when the platform says so."""

import logging
import random
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone

from integrations import emails, metrics
from integrations.auth.flow import Flow, Tokens
from integrations.connections import flows
from integrations.errors import PlatformError, Unauthorized, Unavailable
from integrations.models import Connection, Grant, Handshake
from integrations.platforms.base import DAY, Client

log = logging.getLogger(__name__)

SHARE = 0.75  # of an access token's life after which it is renewed
JITTER = 0.05
HOLD = timedelta(seconds=90)  # longer than any call may take
WARNINGS = (14, 7, 1)  # days before the end of a grant that cannot be renewed
RETRY = timedelta(minutes=5)
RENEWED = (
    "sealed",
    "key_id",
    "scope",
    "issued_at",
    "expires_at",
    "refresh_at",
    "failures",
    "held_until",
)
GONE = ("invalid_grant", "invalid_refresh_token")  # RFC 6749, 5.2; Slack's own word
YOUNG = timedelta(minutes=1)  # a token this new is not refused because of its age


@contextmanager
def client_of(connection: Connection) -> Iterator[Client]:
    """A way to the account with a token that holds; if the platform says no, it is lost."""
    grant = Grant.objects.filter(connection=connection).first()
    if grant is None:
        raise _not_connected(connection)
    grant.connection = connection
    adapter = flows.adapter_of(connection.slug)
    try:
        tokens, made = _fresh(grant)
        client = flows.client_for(adapter, made, connection.server, tokens, connection.facts)
        with client.door.open():
            yield client
    except Unauthorized as error:
        _doubted(grant, error)
        raise


def keep(connection: Connection, *, way: int, tokens: Tokens, remembered: Any) -> Grant:
    """Seal the tokens of a connection."""
    grant = Grant.objects.filter(connection=connection).first() or Grant(connection=connection)
    grant.way, grant.warned_days, grant.failures = way, None, 0
    _write(grant, tokens, remembered)
    life = getattr(connection.platform.auth[way], "life_days", 0)
    grant.ends_at = grant.issued_at + timedelta(seconds=life * DAY) if life else _end(grant, tokens)
    grant.save()
    return grant


def tokens_of(grant: Grant) -> tuple[Tokens, Flow[Any]]:
    """What is sealed in a grant, and the flow it came by."""
    told = grant.unseal()
    connection = grant.connection
    made = flows.way_back(connection.platform, grant.way, connection.server, told["remembered"])
    return Tokens(**told["tokens"]), made


def renew(grant: Grant) -> tuple[Tokens, Flow[Any]]:
    """Renew the tokens and return them; who comes second waits for the first and finds new ones.

    One row is held by one worker: an update that counts one. Nothing is locked while the platform
    is asked, and the new tokens are committed before anyone uses them.
    """
    seen = grant.issued_at
    patience = time.monotonic() + HOLD.total_seconds()
    while time.monotonic() < patience:
        now = timezone.now()
        free = Grant.objects.filter(pk=grant.pk, issued_at=seen, held_until__lte=now)
        if free.update(held_until=now + HOLD):
            return _renew(grant)
        _look_again(grant)
        if grant.issued_at != seen:
            return tokens_of(grant)
        time.sleep(0.05)
    raise Unavailable("The connection is being renewed.")


def renew_due() -> int:
    """Renew whatever is due; returns how many are. One that fails keeps its time for later."""
    due = Grant.objects.filter(
        refresh_at__lte=timezone.now(), connection__state=Connection.State.CONNECTED
    ).select_related("connection__owner")
    for grant in due:
        try:
            renew(grant)
        except PlatformError as error:
            log.warning("%s: %s", grant.connection.slug, error.code)
    return len(due)


def warn() -> int:
    """Tell people whose connections end soon, once for each of the three warnings."""
    soon = timezone.now() + timedelta(days=max(WARNINGS))
    told = 0
    for grant in Grant.objects.filter(
        ends_at__lte=soon, connection__state=Connection.State.CONNECTED
    ).select_related("connection__owner"):
        left = max((grant.ends_at - timezone.now()).total_seconds() / DAY, 0)
        due = min((days for days in WARNINGS if left <= days), default=None)
        unsaid = Q(warned_days=None) | Q(warned_days__gt=due)
        if due and Grant.objects.filter(unsaid, pk=grant.pk).update(warned_days=due):
            emails.tell_ends(grant.connection, due)
            told += 1
    return told


def forget_handshakes() -> None:
    """Forget whoever did not come back."""
    Handshake.objects.filter(expires_at__lte=timezone.now()).delete()


def lose(connection: Connection, error: PlatformError) -> None:
    """The platform says no for good: forget the tokens and tell the person, once."""
    with transaction.atomic():
        lost = Connection.objects.filter(pk=connection.pk, state=Connection.State.CONNECTED)
        if not lost.update(state=Connection.State.LOST, reason=error.message[:300]):
            return
        Grant.objects.filter(connection=connection).delete()
        transaction.on_commit(lambda: emails.tell_lost(connection), robust=True)


def _doubted(grant: Grant, error: Unauthorized) -> None:
    """A token was refused: if it is an old one a new one may hold; if not, it is lost."""
    if not Grant.objects.filter(pk=grant.pk).exists():
        return  # it was lost while it was renewed, or somebody disconnected
    grant.refresh_from_db()
    aged = timezone.now() - grant.issued_at > YOUNG
    if grant.refresh_at and aged:  # not everyone says so with 401: Slack answers 200
        renew(grant)
        raise Unavailable(f"{error.platform} was asked for a new token.") from error
    lose(grant.connection, error)


def _look_again(grant: Grant) -> None:
    """The row as it is now; Unauthorized if it is gone."""
    try:
        grant.refresh_from_db()
    except Grant.DoesNotExist as error:
        raise _not_connected(grant.connection) from error


def _not_connected(connection: Connection) -> Unauthorized:
    return Unauthorized(f"{connection.account_name} is not connected.")


def _fresh(grant: Grant) -> tuple[Tokens, Flow[Any]]:
    """Tokens that hold; a renewal that fails for a moment does not matter while they do.

    One that has ended is never used, however soon after a renewal that failed: the platform would
    refuse it, which must not be taken for its word that the grant is gone.
    """
    now = timezone.now()
    ended = grant.expires_at is not None and grant.expires_at <= now
    if grant.refresh_at and (ended or grant.refresh_at <= now):
        try:
            return renew(grant)
        except PlatformError as error:
            if ended or isinstance(error, Unauthorized):
                raise
    return tokens_of(grant)


def _renew(grant: Grant) -> tuple[Tokens, Flow[Any]]:
    """Ask the platform; the row is ours."""
    tokens, made = tokens_of(grant)
    try:
        got = made.refresh(tokens)
    except PlatformError as error:
        metrics.REFRESHES.labels(grant.connection.slug, error.code).inc()
        _not_renewed(grant, error)
        raise
    metrics.REFRESHES.labels(grant.connection.slug, "renewed").inc()
    _write(grant, got, grant.unseal()["remembered"])
    grant.failures = 0
    grant.held_until = timezone.now()
    if not Grant.objects.filter(pk=grant.pk).update(**{n: getattr(grant, n) for n in RENEWED}):
        made.revoke(got)  # the person disconnected meanwhile
        raise _not_connected(grant.connection)
    return got, made


def _not_renewed(grant: Grant, error: PlatformError) -> None:
    now = timezone.now()
    Grant.objects.filter(pk=grant.pk).update(
        held_until=now, refresh_at=now + RETRY, failures=F("failures") + 1
    )
    # A wrong client secret is the operator's to mend, and an outage mends itself: only the word
    # that the grant is gone ends a connection.
    if isinstance(error, Unauthorized) and any(word in error.answer for word in GONE):
        lose(grant.connection, error)


def _write(grant: Grant, tokens: Tokens, remembered: Any) -> None:
    now = timezone.now()
    grant.issued_at, grant.scope = now, tokens.scope[:500]
    grant.expires_at = grant.refresh_at = None
    if tokens.expires_in:
        grant.expires_at = now + timedelta(seconds=tokens.expires_in)
        share = SHARE + random.uniform(-JITTER, JITTER)
        due = now + timedelta(seconds=tokens.expires_in * share)
        grant.refresh_at = due if tokens.refresh else None
    grant.seal({"tokens": asdict(tokens), "remembered": remembered})


def _end(grant: Grant, tokens: Tokens) -> Any:
    """When a grant that cannot be renewed ends."""
    return None if tokens.refresh else grant.expires_at
