"""Queries about user accounts."""

from allauth.account.models import EmailAddress

from branding.accounts.models import User


def confirmed_emails(user: User) -> list[str]:
    """Return the verified e-mail addresses of a user, the primary one first."""
    addresses = EmailAddress.objects.filter(user=user, verified=True)
    return list(addresses.order_by("-primary", "email").values_list("email", flat=True))
