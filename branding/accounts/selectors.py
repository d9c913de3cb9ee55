"""Queries about user accounts."""

from allauth.account.models import EmailAddress

from branding.accounts.models import User


def confirmed_emails(person: User) -> list[str]:
    """Return the verified e-mail addresses of a user, the primary one first."""
    mine = EmailAddress.objects.filter(user=person, verified=True)
    return list(mine.order_by("-primary", "email").values_list("email", flat=True))
