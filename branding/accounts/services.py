"""Functions that change user accounts."""

from functools import partial

from allauth.account.models import EmailAddress
from allauth.usersessions.models import UserSession
from django.db import connection, transaction

from branding.accounts import mail_queue, outbox
from branding.accounts.models import User
from headshots.services.photos import delete_all_pictures
from integrations.connections.services import end_connection
from integrations.models import Connection
from integrations.places import all_places


def delete_account(user: User) -> list[str]:
    """Delete a user with all their pictures, rows, sessions and stored e-mails.

    The tokens of connected accounts are revoked at their platforms first. Returns the names of the
    platforms where that was not possible.
    """
    not_revoked = _end_connections(user)
    addresses = {
        user.email,
        *EmailAddress.objects.filter(user=user).values_list("email", flat=True),
    }
    with transaction.atomic():
        delete_all_pictures(user)
        for session in UserSession.objects.filter(user=user):
            session.end()
        user.delete()
        for address in addresses:
            mail_queue.delete_emails_to(address)
            transaction.on_commit(partial(outbox.delete_emails_to, address))
        transaction.on_commit(_empty_write_ahead_log)
    return not_revoked


def _empty_write_ahead_log() -> None:
    """Leave no deleted row in the write-ahead log of SQLite, unless somebody reads it now."""
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def _end_connections(user: User) -> list[str]:
    """Revoke the tokens of all connected accounts; return the platforms where that failed."""
    connected = Connection.objects.filter(owner=user, state=Connection.State.CONNECTED)
    platform_names = [
        all_places()[connection.slug].name if connection.slug in all_places() else connection.slug
        for connection in connected
        if not end_connection(connection)
    ]
    return sorted(set(platform_names))


def end_session(user: User, session_id: int) -> None:
    """End one session of a user. Raises UserSession.DoesNotExist for another user's session."""
    UserSession.objects.get(user=user, pk=session_id).end()
