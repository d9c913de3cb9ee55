"""Reading what a person said of themselves."""

from allauth.account.models import EmailAddress

from branding.accounts.models import User


def confirmed_emails(person: User) -> list[str]:
    """The e-mail addresses that were shown to be theirs."""
    mine = EmailAddress.objects.filter(user=person, verified=True)
    return list(mine.order_by("-primary", "email").values_list("email", flat=True))
