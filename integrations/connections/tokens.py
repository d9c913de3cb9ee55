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
from integrations.auth.flow import SignInFlow, Tokens
from integrations.connections import sign_in_setup
from integrations.errors import PlatformError, Unauthorized, Unavailable
from integrations.models import Connection, Grant, Handshake
from integrations.platforms.base import DAY_SECONDS, PlatformClient

log = logging.getLogger(__name__)

# Share of an access token's life after which it is refreshed, and how far that share varies at
# random, so that tokens issued together are not refreshed together (both chosen).
REFRESH_SHARE = 0.75
REFRESH_JITTER = 0.05
REFRESH_LEASE = timedelta(
    seconds=90
)  # how long one worker may hold a grant: longer than any call may take
LEASE_CHECK_SECONDS = 0.05  # between two checks whether another worker has refreshed the grant
WARNING_DAYS = (14, 7, 1)  # days before the end of a grant that cannot be refreshed
RETRY_DELAY = timedelta(minutes=5)  # after a refresh that failed
REFRESHED_FIELDS = (
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
REVOKED_GRANT_ERRORS = ("invalid_grant", "invalid_refresh_token")
NEW_TOKEN_AGE = timedelta(minutes=1)  # a token that is newer was not refused because it has expired


@contextmanager
def open_client(connection: Connection) -> Iterator[PlatformClient]:
    """Open an authorized client of the account, with a valid access token.

    If the platform refuses the token while the block runs, the token is refreshed (Unavailable: try
    again) or the connection is marked as lost (Unauthorized).
    """
    grant = Grant.objects.filter(connection=connection).first()
    if grant is None:
        raise _not_connected_error(connection)
    grant.connection = connection
    adapter = sign_in_setup.get_adapter(connection.slug)
    try:
        tokens, auth_flow = _get_valid_tokens(grant)
        client = sign_in_setup.create_platform_client(
            adapter, auth_flow, connection.server, tokens, connection.facts
        )
        with client.outbound.share_connections():
            yield client
    except Unauthorized as error:
        _handle_refused_token(grant, error)
        raise


def save_tokens(
    connection: Connection, *, auth_index: int, tokens: Tokens, remembered: Any
) -> Grant:
    """Seal and save the tokens of a connection.

    `remembered` is what `sign_in_setup.prepare_flow` returned for the flow that they came by.
    """
    grant = Grant.objects.filter(connection=connection).first() or Grant(connection=connection)
    grant.way, grant.warned_days, grant.failures = auth_index, None, 0
    _update_grant(grant, tokens, remembered)
    lifetime_days = getattr(connection.platform.auth[auth_index], "life_days", 0)
    grant.ends_at = (
        grant.issued_at + timedelta(seconds=lifetime_days * DAY_SECONDS)
        if lifetime_days
        else _find_grant_end(grant, tokens)
    )
    grant.save()
    return grant


def unseal_tokens(grant: Grant) -> tuple[Tokens, SignInFlow[Any]]:
    """Return the tokens of a grant and the flow that they came by."""
    unsealed = grant.unseal()
    connection = grant.connection
    auth_flow = sign_in_setup.restore_flow(
        connection.platform, grant.way, connection.server, unsealed["remembered"]
    )
    return Tokens(**unsealed["tokens"]), auth_flow


def refresh_tokens(grant: Grant) -> tuple[Tokens, SignInFlow[Any]]:
    """Refresh the tokens of a grant and return them with their flow.

    Only one worker refreshes a grant: it sets `held_until` with an UPDATE that has to change one
    row, so no database lock is held during the request. The others wait and return the new
    tokens, which are committed before anyone uses them. Raises Unavailable if that takes too
    long.
    """
    seen_issued_at = grant.issued_at
    deadline = time.monotonic() + REFRESH_LEASE.total_seconds()
    while time.monotonic() < deadline:
        now = timezone.now()
        unheld_grants = Grant.objects.filter(
            pk=grant.pk, issued_at=seen_issued_at, held_until__lte=now
        )
        if unheld_grants.update(held_until=now + REFRESH_LEASE):
            return _refresh_held_grant(grant)
        _reload_grant(grant)
        if grant.issued_at != seen_issued_at:
            return unseal_tokens(grant)
        time.sleep(LEASE_CHECK_SECONDS)
    raise Unavailable("The connection is being renewed.")


def refresh_due_tokens() -> int:
    """Refresh every grant that is due, each on its own, and return how many were due."""
    due_grants = Grant.objects.filter(
        refresh_at__lte=timezone.now(), connection__state=Connection.State.CONNECTED
    ).select_related("connection__owner")
    for grant in due_grants:
        try:
            refresh_tokens(grant)
        except PlatformError as error:
            log.warning("%s: %s", grant.connection.slug, error.code)
    return len(due_grants)


def warn_about_expiry() -> int:
    """Warn the owners of connections that expire soon, once per step of WARNING_DAYS."""
    latest_end = timezone.now() + timedelta(days=max(WARNING_DAYS))
    warning_count = 0
    for grant in Grant.objects.filter(
        ends_at__lte=latest_end, connection__state=Connection.State.CONNECTED
    ).select_related("connection__owner"):
        assert grant.ends_at is not None  # the filter compares it
        days_left = max((grant.ends_at - timezone.now()).total_seconds() / DAY_SECONDS, 0)
        warning_days = min((days for days in WARNING_DAYS if days_left <= days), default=None)
        not_warned = Q(warned_days=None) | Q(warned_days__gt=warning_days)
        if warning_days and Grant.objects.filter(not_warned, pk=grant.pk).update(
            warned_days=warning_days
        ):
            emails.send_expiry_warning(grant.connection, warning_days)
            warning_count += 1
    return warning_count


def delete_expired_handshakes() -> None:
    """Delete the handshakes of people who did not come back in time."""
    Handshake.objects.filter(expires_at__lte=timezone.now()).delete()


def mark_connection_lost(connection: Connection, error: PlatformError) -> None:
    """Mark a connection as lost, delete its tokens and tell the owner, once."""
    with transaction.atomic():
        connected_rows = Connection.objects.filter(
            pk=connection.pk, state=Connection.State.CONNECTED
        )
        if not connected_rows.update(state=Connection.State.LOST, reason=error.message[:300]):
            return
        Grant.objects.filter(connection=connection).delete()
        transaction.on_commit(lambda: emails.send_connection_lost(connection), robust=True)


def _handle_refused_token(grant: Grant, error: Unauthorized) -> None:
    """Handle a refused token: refresh it if it may have expired, else mark the connection as lost.

    Raises Unavailable if it was refreshed, so that the caller tries again.
    """
    if not Grant.objects.filter(pk=grant.pk).exists():
        return  # the connection was lost or ended meanwhile
    grant.refresh_from_db()
    is_old = timezone.now() - grant.issued_at > NEW_TOKEN_AGE
    if grant.refresh_at and is_old:  # whatever the status was: Slack answers 200
        refresh_tokens(grant)
        raise Unavailable(f"{error.platform} was asked for a new token.") from error
    mark_connection_lost(grant.connection, error)


def _reload_grant(grant: Grant) -> None:
    """Reload the grant; Unauthorized if it is gone."""
    try:
        grant.refresh_from_db()
    except Grant.DoesNotExist as error:
        raise _not_connected_error(grant.connection) from error


def _not_connected_error(connection: Connection) -> Unauthorized:
    return Unauthorized(f"{connection.account_name} is not connected.")


def _get_valid_tokens(grant: Grant) -> tuple[Tokens, SignInFlow[Any]]:
    """Return valid tokens and their flow, refreshing them if that is due.

    While the access token is valid, a failed refresh is ignored. An expired token is never used:
    the platform would refuse it, which must not be mistaken for a grant that is gone.
    """
    now = timezone.now()
    is_expired = grant.expires_at is not None and grant.expires_at <= now
    if grant.refresh_at and (is_expired or grant.refresh_at <= now):
        try:
            return refresh_tokens(grant)
        except PlatformError as error:
            if is_expired or isinstance(error, Unauthorized):
                raise
    return unseal_tokens(grant)


def _refresh_held_grant(grant: Grant) -> tuple[Tokens, SignInFlow[Any]]:
    """Refresh the tokens of a grant that this worker holds."""
    tokens, auth_flow = unseal_tokens(grant)
    try:
        new_tokens = auth_flow.refresh_tokens(tokens)
    except PlatformError as error:
        metrics.REFRESH_COUNTER.labels(grant.connection.slug, error.code).inc()
        _record_refresh_failure(grant, error)
        raise
    metrics.REFRESH_COUNTER.labels(grant.connection.slug, "renewed").inc()
    _update_grant(grant, new_tokens, grant.unseal()["remembered"])
    grant.failures = 0
    grant.held_until = timezone.now()
    if not Grant.objects.filter(pk=grant.pk).update(
        **{field_name: getattr(grant, field_name) for field_name in REFRESHED_FIELDS}
    ):
        auth_flow.revoke_tokens(new_tokens)  # the owner disconnected the account meanwhile
        raise _not_connected_error(grant.connection)
    return new_tokens, auth_flow


def _record_refresh_failure(grant: Grant, error: PlatformError) -> None:
    now = timezone.now()
    Grant.objects.filter(pk=grant.pk).update(
        held_until=now, refresh_at=now + RETRY_DELAY, failures=F("failures") + 1
    )
    # A wrong client secret is for the operator to correct, and an outage passes: a connection ends
    # only if the platform says that the grant is gone.
    if isinstance(error, Unauthorized) and any(
        error_code in error.answer for error_code in REVOKED_GRANT_ERRORS
    ):
        mark_connection_lost(grant.connection, error)


def _update_grant(grant: Grant, tokens: Tokens, remembered: Any) -> None:
    now = timezone.now()
    grant.issued_at, grant.scope = now, tokens.scope[:500]
    grant.expires_at = grant.refresh_at = None
    if tokens.expires_in:
        grant.expires_at = now + timedelta(seconds=tokens.expires_in)
        refresh_share = REFRESH_SHARE + random.uniform(-REFRESH_JITTER, REFRESH_JITTER)
        refresh_time = now + timedelta(seconds=tokens.expires_in * refresh_share)
        grant.refresh_at = refresh_time if tokens.refresh else None
    grant.seal({"tokens": asdict(tokens), "remembered": remembered})


def _find_grant_end(grant: Grant, tokens: Tokens) -> datetime | None:
    """Return when a grant that cannot be refreshed expires."""
    return None if tokens.refresh else grant.expires_at
