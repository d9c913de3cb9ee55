"""Functions that change user accounts."""

from functools import partial

from allauth.account.models import EmailAddress
from allauth.usersessions.models import UserSession
from django.db import connection, transaction

from branding.accounts import mail_queue, outbox
from branding.accounts.models import User
from headshots.services.photos import delete_all_pictures


def delete_account(user: User) -> None:
    """Delete a user with all their pictures, rows, sessions and stored e-mails."""
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


def _empty_write_ahead_log() -> None:
    """Leave no deleted row in the write-ahead log of SQLite, unless somebody reads it now."""
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def end_session(user: User, session_id: int) -> None:
    """End one session of a user. Raises UserSession.DoesNotExist for another user's session."""
    UserSession.objects.get(user=user, pk=session_id).end()
