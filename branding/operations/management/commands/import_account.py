"""manage.py import_account FILE: put an export into an empty account."""

from argparse import ArgumentParser
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from branding.accounts.models import User
from branding.exports.importing import NotImportable, import_account
from branding.operations.account_command import AccountCommand, CommandResult

REMAINING_STEPS = (
    "Connect the accounts again, and resume the schedules that were active. API tokens, apps,"
    " webhooks and the lookup by e-mail address have to be set up again."
)


class Command(AccountCommand):
    help = (
        "Put the export of an account, from this Facet or another, into an account that is empty."
        " Nothing is sent: connections have to be connected again, and schedules are paused."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("file", type=Path)

    def run_for_account(self, owner: User, options: Mapping[str, Any]) -> CommandResult:
        """Import all of it, or nothing."""
        try:
            with options["file"].open("rb") as source:
                counts = import_account(owner, source)
        except OSError as error:
            raise NotImportable(
                f"Nothing was imported: {error.strerror or error}.", advice="Look at the path."
            ) from error
        for name, count in counts.items():
            if count:
                self.print_line(f"{count:6}  {name.replace('_', ' ')}")
        self.print_line(REMAINING_STEPS)
        return CommandResult(counts)
