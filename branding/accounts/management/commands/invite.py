"""`manage.py invite ADDRESS`: print a link with which somebody may sign up."""

from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.core.validators import validate_email

from branding.accounts.invitations import invitation_url


class Command(BaseCommand):
    help = "Print a link with which the owner of an e-mail address may sign up (SIGN_UP=invited)."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("email", help="the address; only an account with it can be made")

    def handle(self, *_: Any, email: str, **__: Any) -> None:
        """Print the link; CommandError for something that is no address."""
        try:
            validate_email(email)
        except ValidationError as error:
            raise CommandError(f"'{email}' is not an e-mail address.") from error
        self.stdout.write(invitation_url(email))
