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
from headshots.errors import FacetError

REFUSED: Final = 2
UNFINISHED: Final = 3
INTERRUPTED: Final = 130  # 128 + SIGINT, as shells report it
CODES: Final = (
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
class Answer:
    """The result of a command: a JSON document, and whether everything that was asked is done."""

    told: Any
    whole: bool = True


class Verb(BaseCommand, ABC):
    """A command for one account; subclasses call the same services as pages and API."""

    requires_system_checks: list[str] = []
    as_json = False

    def create_parser(self, prog_name: str, subcommand: str, **told: Any) -> Any:
        """Create the parser, with the exit codes in the help text."""
        return super().create_parser(prog_name, subcommand, epilog=CODES, **told)

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Add the options of every command: --account and --json."""
        parser.add_argument(
            "--account", default="", metavar="EMAIL", help="whose; may be left out if there is one"
        )
        parser.add_argument("--json", action="store_true", help="print one JSON document")

    def handle(self, **options: Any) -> None:
        """Run the command for the account, and exit with a code that says how it ended."""
        self.as_json = options["json"]
        try:
            answer = self.act(account(options["account"]), options)
        except (FacetError, ObjectDoesNotExist, APIException) as error:
            self._refuse(error)
        except KeyboardInterrupt:
            sys.exit(INTERRUPTED)
        if self.as_json:
            self._print(answer.told)
        if not answer.whole:
            sys.exit(UNFINISHED)

    @abstractmethod
    def act(self, owner: User, options: Mapping[str, Any]) -> Answer:
        """Do the work of the command for an account, printing progress for people."""

    def say(self, line: str) -> None:
        """Print a line at once, unless the output is JSON."""
        if not self.as_json:
            self.stdout.write(line)
            self.stdout.flush()

    def ask(self, question: str) -> str:
        """Ask on standard error, because a program may read standard output; return the line."""
        self.stderr.write(question, style_func=str, ending="")
        self.stderr.flush()
        return sys.stdin.readline().strip()

    def _print(self, told: Any) -> None:
        self.stdout.write(json.dumps(told, cls=DjangoJSONEncoder))

    def _refuse(self, error: Exception) -> NoReturn:
        """Print an error in the same words as the API, and exit with EXIT_REJECTED."""
        told = exceptions.refuse(error, {}).data
        if self.as_json:
            self._print({"error": told})
        else:
            lines = [told["message"], *_flat(told["fields"]), told["advice"] * (not told["fields"])]
            self.stderr.write("\n".join(line for line in lines if line))
        sys.exit(REFUSED)


def account(email: str) -> User:
    """Return the account with an e-mail address, or the only account if none is given.

    Raises AmbiguousAccount if there are several, and AccountNotFound if there is none.
    """
    people = User.objects.filter(email__iexact=email) if email else User.objects.all()
    found = list(people[:2])
    if len(found) > 1:
        raise AmbiguousAccount("There are several accounts.", advice="Say whose: --account EMAIL.")
    if not found:
        raise AccountNotFound(
            f"Nobody here is {email}." if email else "Nobody has an account here."
        )
    return found[0]


def _flat(fields: Any, name: str = "") -> list[str]:
    """Return a line for each error in nested validation errors."""
    if isinstance(fields, Mapping):
        return [line for key, one in fields.items() for line in _flat(one, str(key))]
    if isinstance(fields, list):
        return [line for one in fields for line in _flat(one, name)]
    return [f"{name}: {fields}"]
