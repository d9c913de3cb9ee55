"""What the verbs of a terminal share: whose they are, how they answer and how they refuse."""

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
INTERRUPTED: Final = 130  # as shells say it
CODES: Final = (
    "Exit codes: 0 done, 2 refused with nothing changed, 3 not everything was done, or not yet. "
    "With --json a refusal is {error: {code, message, advice, fields}} on standard output."
)


class AmbiguousAccount(FacetError):
    """What was named, or left out, may mean several things."""

    code = "ambiguous"
    advice = "Say which one."


class AccountNotFound(FacetError):
    """Nobody of that address has an account on this installation."""

    code = "no_account"
    advice = "Sign up at the page first, or look at the address."


@dataclass(frozen=True)
class Answer:
    """What a program is told of a verb that was not refused; people were told on the way."""

    told: Any
    whole: bool = True  # whether everything that was asked for is done


class Verb(BaseCommand, ABC):
    """A verb for one account: `act` does it over the services of pages and API."""

    requires_system_checks: list[str] = []
    as_json = False

    def create_parser(self, prog_name: str, subcommand: str, **told: Any) -> Any:
        """As any command's, with what the exit codes mean."""
        return super().create_parser(prog_name, subcommand, epilog=CODES, **told)

    def add_arguments(self, parser: ArgumentParser) -> None:
        """What every verb takes."""
        parser.add_argument(
            "--account", default="", metavar="EMAIL", help="whose; may be left out if there is one"
        )
        parser.add_argument("--json", action="store_true", help="print one JSON document")

    def handle(self, **options: Any) -> None:
        """Do it; what is refused says why and what to do."""
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
        """What the verb is; saying what a person wants to read on the way."""

    def say(self, line: str) -> None:
        """One line for people, now."""
        if not self.as_json:
            self.stdout.write(line)
            self.stdout.flush()

    def ask(self, question: str) -> str:
        """A line of whoever is there; asked beside standard output, which may be a program's."""
        self.stderr.write(question, style_func=str, ending="")
        self.stderr.flush()
        return sys.stdin.readline().strip()

    def _print(self, told: Any) -> None:
        self.stdout.write(json.dumps(told, cls=DjangoJSONEncoder))

    def _refuse(self, error: Exception) -> NoReturn:
        """The same words as the API's, by the same map."""
        told = exceptions.refuse(error, {}).data
        if self.as_json:
            self._print({"error": told})
        else:
            lines = [told["message"], *_flat(told["fields"]), told["advice"] * (not told["fields"])]
            self.stderr.write("\n".join(line for line in lines if line))
        sys.exit(REFUSED)


def account(email: str) -> User:
    """Who is meant: whoever has the address, or the only one there is. AmbiguousAccount or AccountNotFound."""
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
    """What is wrong with each field, a line each, however deep it lies."""
    if isinstance(fields, Mapping):
        return [line for key, one in fields.items() for line in _flat(one, str(key))]
    if isinstance(fields, list):
        return [line for one in fields for line in _flat(one, name)]
    return [f"{name}: {fields}"]
