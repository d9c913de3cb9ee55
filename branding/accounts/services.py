"""Functions that change user accounts."""

from functools import partial

from allauth.account.models import EmailAddress
from allauth.usersessions.models import UserSession
from django.db import transaction

from branding.accounts import outbox
from branding.accounts.models import User
from headshots.services.photos import forget_everything


def delete_account(person: User) -> None:
    """Delete a user with all their pictures, rows, sessions and stored e-mails."""
    addresses = {
        person.email,
        *EmailAddress.objects.filter(user=person).values_list("email", flat=True),
    }
    with transaction.atomic():
        forget_everything(person)
        for session in UserSession.objects.filter(user=person):
            session.end()
        person.delete()
        for address in addresses:
            transaction.on_commit(partial(outbox.forget, address))


def end_session(person: User, pk: int) -> None:
    """End one session of a user. Raises UserSession.DoesNotExist for another user's session."""
    UserSession.objects.get(user=person, pk=pk).end()
