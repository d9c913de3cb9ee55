"""The life of tokens: sealed in the database, refreshed before they expire, deleted when revoked.

A connection is marked as lost only if the platform says that its grant is gone, never because of an
outage or of wrong credentials of the operator.
"""

import logging
import random
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from datetime import datetime, timedelta
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

# Share of an access token's life after which it is refreshed, and how far that share varies at
# random, so that tokens issued together are not refreshed together (both chosen).
SHARE = 0.75
JITTER = 0.05
HOLD = timedelta(seconds=90)  # how long one worker may hold a grant: longer than any call may take
LEASE_CHECK_SECONDS = 0.05  # between two checks whether another worker has refreshed the grant
WARNINGS = (14, 7, 1)  # days before the end of a grant that cannot be refreshed
RETRY = timedelta(minutes=5)  # after a refresh that failed
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
# The grant is gone for good: by RFC 6749, section 5.2, and as Slack calls it.
GONE = ("invalid_grant", "invalid_refresh_token")
YOUNG = timedelta(minutes=1)  # a token that is newer was not refused because it has expired


@contextmanager
def client_of(connection: Connection) -> Iterator[Client]:
    """Open an authorized client of the account, with a valid access token.

    If the platform refuses the token while the block runs, the token is refreshed (Unavailable: try
    again) or the connection is marked as lost (Unauthorized).
    """
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
    """Seal and save the tokens of a connection.

    `remembered` is what `flows.prepare_flow` returned for the flow that they came by.
    """
    grant = Grant.objects.filter(connection=connection).first() or Grant(connection=connection)
    grant.way, grant.warned_days, grant.failures = way, None, 0
    _write(grant, tokens, remembered)
    life = getattr(connection.platform.auth[way], "life_days", 0)
    grant.ends_at = grant.issued_at + timedelta(seconds=life * DAY) if life else _end(grant, tokens)
    grant.save()
    return grant


def tokens_of(grant: Grant) -> tuple[Tokens, Flow[Any]]:
    """Return the tokens of a grant and the flow that they came by."""
    told = grant.unseal()
    connection = grant.connection
    made = flows.way_back(connection.platform, grant.way, connection.server, told["remembered"])
    return Tokens(**told["tokens"]), made


def renew(grant: Grant) -> tuple[Tokens, Flow[Any]]:
    """Refresh the tokens of a grant and return them with their flow.

    Only one worker refreshes a grant: it sets `held_until` with an UPDATE that has to change one
    row, so no database lock is held during the request. The others wait and return the new
    tokens, which are committed before anyone uses them. Raises Unavailable if that takes too
    long.
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
        time.sleep(LEASE_CHECK_SECONDS)
    raise Unavailable("The connection is being renewed.")


def renew_due() -> int:
    """Refresh every grant that is due, each on its own, and return how many were due."""
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
    """Warn the owners of connections that expire soon, once per step of WARNING_DAYS."""
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
    """Delete the handshakes of people who did not come back in time."""
    Handshake.objects.filter(expires_at__lte=timezone.now()).delete()


def lose(connection: Connection, error: PlatformError) -> None:
    """Mark a connection as lost, delete its tokens and tell the owner, once."""
    with transaction.atomic():
        lost = Connection.objects.filter(pk=connection.pk, state=Connection.State.CONNECTED)
        if not lost.update(state=Connection.State.LOST, reason=error.message[:300]):
            return
        Grant.objects.filter(connection=connection).delete()
        transaction.on_commit(lambda: emails.tell_lost(connection), robust=True)


def _doubted(grant: Grant, error: Unauthorized) -> None:
    """Handle a refused token: refresh it if it may have expired, else mark the connection as lost.

    Raises Unavailable if it was refreshed, so that the caller tries again.
    """
    if not Grant.objects.filter(pk=grant.pk).exists():
        return  # the connection was lost or ended meanwhile
    grant.refresh_from_db()
    aged = timezone.now() - grant.issued_at > YOUNG
    if grant.refresh_at and aged:  # whatever the status was: Slack answers 200
        renew(grant)
        raise Unavailable(f"{error.platform} was asked for a new token.") from error
    lose(grant.connection, error)


def _look_again(grant: Grant) -> None:
    """Reload the grant; Unauthorized if it is gone."""
    try:
        grant.refresh_from_db()
    except Grant.DoesNotExist as error:
        raise _not_connected(grant.connection) from error


def _not_connected(connection: Connection) -> Unauthorized:
    return Unauthorized(f"{connection.account_name} is not connected.")


def _fresh(grant: Grant) -> tuple[Tokens, Flow[Any]]:
    """Return valid tokens and their flow, refreshing them if that is due.

    While the access token is valid, a failed refresh is ignored. An expired token is never used:
    the platform would refuse it, which must not be mistaken for a grant that is gone.
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
    """Refresh the tokens of a grant that this worker holds."""
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
        made.revoke(got)  # the owner disconnected the account meanwhile
        raise _not_connected(grant.connection)
    return got, made


def _not_renewed(grant: Grant, error: PlatformError) -> None:
    now = timezone.now()
    Grant.objects.filter(pk=grant.pk).update(
        held_until=now, refresh_at=now + RETRY, failures=F("failures") + 1
    )
    # A wrong client secret is for the operator to correct, and an outage passes: a connection ends
    # only if the platform says that the grant is gone.
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


def _end(grant: Grant, tokens: Tokens) -> datetime | None:
    """Return when a grant that cannot be refreshed expires."""
    return None if tokens.refresh else grant.expires_at
