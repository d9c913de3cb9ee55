"""The life of tokens: sealed in the database, refreshed before they expire, deleted when revoked.

A connection is marked as lost only if the platform says that its grant is gone, never because of an
outage or of wrong credentials of the operator.
"""

import logging
import random
import re
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict
from datetime import datetime, timedelta
from smtplib import SMTPException
from typing import Any

from django.db import transaction
from django.db.models import F, Q
from django.db.models.functions import Least
from django.utils import timezone

from headshots.isolation import give_back_connection, load_rows, run_for_each
from integrations import metrics
from integrations.auth.dynamic_registration import is_unknown_client
from integrations.auth.flow import SignInFlow, Tokens
from integrations.connections import sign_in_setup
from integrations.emails import services as emails
from integrations.errors import (
    AccountRenamed,
    PlatformError,
    Rejected,
    Unauthorized,
    Unavailable,
)
from integrations.models import Connection, Grant, Handshake
from integrations.platforms.base import (
    DAY_SECONDS,
    OAuth2,
    PlatformAdapter,
    PlatformClient,
)

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
MAX_FAILURES = 10_000  # failures of a grant that are counted; the column takes 32,767
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
# The grant is gone for good: by RFC 6749, section 5.2, as Slack calls it, and in plain words.
REVOKED_GRANT = re.compile(
    r"invalid_grant|invalid_refresh_token"
    r"|(?:invalid|expired|revoked|unknown) refresh token"
    r"|refresh token (?:is |was |has |has been )?(?:invalid|expired|revoked|unknown|not found)",
    re.IGNORECASE,
)
NOT_FOUND_STATUSES = (404, 410)  # of the address of an account that was renamed
FORGOTTEN_APP_DELAY = timedelta(days=1)
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
    adapter, client = sign_in_setup.get_adapter(connection.slug), None
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
    except Unavailable as error:
        if error.status is None:  # the old server of an account that moved may be gone
            _follow_moved_account(grant)
        raise
    except Rejected as error:
        if client and type(error) is Rejected and error.status in NOT_FOUND_STATUSES:
            _follow_renamed_account(connection, adapter, client)
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
        give_back_connection()
        time.sleep(LEASE_CHECK_SECONDS)
    raise Unavailable("The connection is being renewed.")


def refresh_due_tokens() -> int:
    """Refresh every grant that is due, each on its own, and return how many were due."""
    due_grants = Grant.objects.filter(
        refresh_at__lte=timezone.now(), connection__state=Connection.State.CONNECTED
    ).select_related("connection__owner")
    grants = load_rows("token refresh", due_grants)
    run_for_each("token refresh", grants, refresh_tokens, on_failure=_postpone_refresh)
    return len(grants)


def warn_about_expiry() -> int:
    """Warn the owners of connections that expire soon, once per step of WARNING_DAYS."""
    latest_end = timezone.now() + timedelta(days=max(WARNING_DAYS))
    ending_grants = Grant.objects.filter(
        ends_at__lte=latest_end, connection__state=Connection.State.CONNECTED
    ).select_related("connection__owner")
    grants = load_rows("expiry warning", ending_grants)
    return sum(run_for_each("expiry warning", grants, _warn_about_expiry_of))


def _warn_about_expiry_of(grant: Grant) -> bool:
    """Warn the owner of one connection; return False if they know already.

    If the e-mail cannot be sent, the warning counts as not given and is tried again.
    """
    assert grant.ends_at is not None  # the query compares it
    days_left = max((grant.ends_at - timezone.now()).total_seconds() / DAY_SECONDS, 0)
    warning_days = min((days for days in WARNING_DAYS if days_left <= days), default=None)
    not_warned = Q(warned_days=None) | Q(warned_days__gt=warning_days)
    if warning_days is None or not Grant.objects.filter(not_warned, pk=grant.pk).update(
        warned_days=warning_days
    ):
        return False
    try:
        emails.send_expiry_warning(grant.connection, warning_days)
    except (OSError, SMTPException):
        Grant.objects.filter(pk=grant.pk).update(warned_days=grant.warned_days)
        raise
    return True


def delete_expired_handshakes() -> None:
    """Delete the handshakes of people who did not come back in time."""
    Handshake.objects.filter(expires_at__lte=timezone.now()).delete()


def mark_connection_lost(connection: Connection, error: PlatformError) -> None:
    """Mark a connection as lost, delete its tokens and tell the owner, once."""
    with transaction.atomic():
        connected_rows = Connection.objects.filter(
            pk=connection.pk, state=Connection.State.CONNECTED
        )
        connection.reason = error.message[:300]
        if not connected_rows.update(state=Connection.State.LOST, reason=connection.reason):
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
    if _follow_moved_account(grant):
        raise Unavailable(f"{error.platform} has moved the account.") from error
    is_old = timezone.now() - grant.issued_at > NEW_TOKEN_AGE
    has_refresh_token = bool(unseal_tokens(grant)[0].refresh)  # also one without a lifetime
    if has_refresh_token and is_old:  # whatever the status was: Slack answers 200
        with suppress(Rejected):  # neither the old token is accepted nor is there a new one
            refresh_tokens(grant)
            raise Unavailable(f"{error.platform} was asked for a new token.") from error
    mark_connection_lost(grant.connection, error)


def _follow_renamed_account(
    connection: Connection, adapter: PlatformAdapter, client: PlatformClient
) -> None:
    """Find an account by its id if the addresses with its name lead nowhere.

    Raises AccountRenamed after the new name was stored, and Unauthorized, after the connection was
    marked as lost, if the token belongs to another account.
    """
    try:
        identity = adapter.identify_account(client)
    except PlatformError:
        return
    if identity.id != connection.account_id:
        error = Unauthorized(f"This is not {connection.account_name} any more.")
        mark_connection_lost(connection, error)
        raise error
    if dict(identity.facts) == connection.facts:
        return
    connection.facts, connection.account_name = dict(identity.facts), identity.name[:255]
    connection.account_url = identity.url[:500]
    connection.save(update_fields=["facts", "account_name", "account_url"])
    raise AccountRenamed(f"The account is called {connection.account_name} now.")


def _follow_moved_account(grant: Grant) -> bool:
    """Save the server to which an account has moved; return False if it has not moved.

    Raises Unauthorized, after the connection was marked as lost, if it has to be connected again.
    """
    tokens, auth_flow = unseal_tokens(grant)
    try:
        moved_tokens = auth_flow.find_moved_server(tokens)
    except Unauthorized as error:
        mark_connection_lost(grant.connection, error)
        raise
    except PlatformError:
        return False
    if moved_tokens is None:
        return False
    grant.seal({"tokens": asdict(moved_tokens), "remembered": grant.unseal()["remembered"]})
    Grant.objects.filter(pk=grant.pk, issued_at=grant.issued_at).update(
        sealed=grant.sealed, key_id=grant.key_id
    )
    return True


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


def _postpone_refresh(grant: Grant) -> None:
    """Put off a refresh that failed, unless that was done already."""
    due_grants = Grant.objects.filter(pk=grant.pk, refresh_at__lte=timezone.now())
    due_grants.update(refresh_at=timezone.now() + RETRY_DELAY)


def _record_refresh_failure(grant: Grant, error: PlatformError) -> None:
    now = timezone.now()
    Grant.objects.filter(pk=grant.pk).update(
        held_until=now,
        refresh_at=now + max(RETRY_DELAY, timedelta(seconds=error.retry_after)),
        failures=Least(F("failures") + 1, MAX_FAILURES),
    )
    # A wrong client secret is for the operator to correct, and an outage passes: a connection ends
    # only if the platform says that the grant is gone.
    is_refusal = isinstance(error, (Rejected, Unauthorized))
    is_gone = REVOKED_GRANT.search(error.answer) or (
        is_unknown_client(error) and _is_app_gone(grant)
    )
    if is_refusal and is_gone:
        mark_connection_lost(grant.connection, error)


def _is_app_gone(grant: Grant) -> bool:
    """Return whether the server has forgotten an app that registered itself there.

    That ends the grants of the app. As servers also say so by mistake, the access token must have
    expired a day ago.
    """
    auth = grant.connection.platform.auth[grant.way]
    is_self_registered = isinstance(auth, OAuth2) and bool(auth.register or auth.metadata)
    expired_before = timezone.now() - FORGOTTEN_APP_DELAY
    return (
        is_self_registered and grant.expires_at is not None and (grant.expires_at < expired_before)
    )


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
