"""The base of management commands that act for one account."""

import json
import sys
from abc import ABC, abstractmethod
from argparse import ArgumentParser
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, NoReturn

from django.core.exceptions import ObjectDoesNotExist
from django.core.management.base import BaseCommand
from django.core.serializers.json import DjangoJSONEncoder
from rest_framework.exceptions import APIException

from branding.accounts.models import User
from branding.api import exceptions
from branding.operations.start_checks import require_usable_installation
from headshots.errors import FacetError

EXIT_REJECTED: Final = 2
EXIT_UNFINISHED: Final = 3
EXIT_INTERRUPTED: Final = 130  # 128 + SIGINT, as shells report it
EXIT_CODES_HELP: Final = (
    "Exit codes: 0 done, 2 refused with nothing changed, 3 not everything was done, or not yet. "
    "With --json a refusal is {error: {code, message, advice, fields}} on standard output."
)


class AmbiguousAccount(FacetError):
    """A name, or a missing one, matches several objects."""

    code = "ambiguous"
    advice = "Say which one."


class AccountNotFound(FacetError):
    """No account has this e-mail address."""

    code = "no_account"
    advice = "Sign up at the page first, or look at the address."


@dataclass(frozen=True)
class CommandResult:
    """The result of a command: a JSON document, and whether everything that was asked is done."""

    document: Any
    is_complete: bool = True


class AccountCommand(BaseCommand, ABC):
    """A command for one account; subclasses call the same services as pages and API."""

    requires_system_checks: list[str] = []
    as_json = False

    def create_parser(self, prog_name: str, subcommand: str, **parser_options: Any) -> Any:
        """Create the parser, with the exit codes in the help text."""
        return super().create_parser(
            prog_name, subcommand, epilog=EXIT_CODES_HELP, **parser_options
        )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Add the options of every command: --account and --json."""
        parser.add_argument(
            "--account", default="", metavar="EMAIL", help="whose; may be left out if there is one"
        )
        parser.add_argument("--json", action="store_true", help="print one JSON document")

    def handle(self, **options: Any) -> None:
        """Run the command for the account, and exit with a code that says how it ended."""
        self.as_json = options["json"]
        require_usable_installation()
        try:
            result = self.run_for_account(find_account(options["account"]), options)
        except (FacetError, ObjectDoesNotExist, APIException) as error:
            self._exit_with_error(error)
        except KeyboardInterrupt:
            sys.exit(EXIT_INTERRUPTED)
        if self.as_json:
            self._print_json(result.document)
        if not result.is_complete:
            sys.exit(EXIT_UNFINISHED)

    @abstractmethod
    def run_for_account(self, owner: User, options: Mapping[str, Any]) -> CommandResult:
        """Do the work of the command for an account, printing progress for people."""

    def print_line(self, line: str) -> None:
        """Print a line at once, unless the output is JSON."""
        if not self.as_json:
            self.stdout.write(line)
            self.stdout.flush()

    def ask_question(self, question: str) -> str:
        """Ask on standard error, because a program may read standard output; return the line."""
        self.stderr.write(question, style_func=str, ending="")
        self.stderr.flush()
        return sys.stdin.readline().strip()

    def _print_json(self, document: Any) -> None:
        self.stdout.write(json.dumps(document, cls=DjangoJSONEncoder))

    def _exit_with_error(self, error: Exception) -> NoReturn:
        """Print an error in the same words as the API, and exit with EXIT_REJECTED."""
        response = exceptions.handle_exception(error, {})
        assert response is not None  # only errors with an answer come here
        payload = response.data
        if self.as_json:
            self._print_json({"error": payload})
        else:
            lines = [
                payload["message"],
                *_flatten_errors(payload["fields"]),
                payload["advice"] * (not payload["fields"]),
            ]
            self.stderr.write("\n".join(line for line in lines if line))
        sys.exit(EXIT_REJECTED)


def find_account(email: str) -> User:
    """Return the account with an e-mail address, or the only account if none is given.

    Raises AmbiguousAccount if there are several, and AccountNotFound if there is none.
    """
    users = User.objects.filter(email__iexact=email) if email else User.objects.filter(trial=None)
    matches = list(users[:2])
    if len(matches) > 1:
        raise AmbiguousAccount("There are several accounts.", advice="Say whose: --account EMAIL.")
    if not matches:
        raise AccountNotFound(
            f"Nobody here is {email}." if email else "Nobody has an account here."
        )
    return matches[0]


def _flatten_errors(fields: Any, name: str = "") -> list[str]:
    """Return a line for each error in nested validation errors."""
    if isinstance(fields, Mapping):
        return [
            line
            for field_name, value in fields.items()
            for line in _flatten_errors(value, str(field_name))
        ]
    if isinstance(fields, list):
        return [line for value in fields for line in _flatten_errors(value, name)]
    return [f"{name}: {fields}"]
