"""manage.py undo: publish the previous picture again."""

from argparse import ArgumentParser
from collections.abc import Mapping
from typing import Any
from uuid import UUID

from branding.accounts.models import User
from branding.operations.receipts import Sender
from branding.operations.terminal import AmbiguousAccount, Answer
from integrations.errors import ActionNotAvailable, UnknownPlace
from integrations.models import Publication
from integrations.publishing import services as publishing_services
from integrations.selectors import latest_changes, profiles_called, profiles_of, publication_for


class Command(Sender):
    help = "Put back what hung somewhere before the last change; once more: before the one before."

    def add_arguments(self, parser: ArgumentParser) -> None:
        super().add_arguments(parser)
        parser.add_argument(
            "what",
            nargs="?",
            default="",
            metavar="PLACE",
            help="a place (zulip), or the id of an account or of a publication",
        )
        parser.add_argument("--all", action="store_true", help="at every account")

    def act(self, owner: User, options: Mapping[str, Any]) -> Answer:
        """Undo the last change of the target, or of all profiles; each undo is a publication."""
        if options["all"] == bool(options["what"]):
            advice = "Name a place, an account or a publication, or say --all."
            raise AmbiguousAccount("Where?", advice=advice)
        made = _undone(owner, options["what"])
        if not made:
            raise ActionNotAvailable(
                "Nothing was changed that could be brought back.",
                advice="The history says what was sent where.",
            )
        return self.follow(owner, made, wait=options["wait"])


def _undone(owner: User, what: str) -> list[Publication]:
    """Undo the publication with this id, or the last change of each profile that is named."""
    if not what:
        return publishing_services.undo_all(latest_changes(owner, profiles_of(owner)))
    try:
        profiles = profiles_called(owner, [what])
    except UnknownPlace:
        if not (pk := _id(what)):
            raise
        return [publishing_services.undo(publication_for(owner, pk))]
    return publishing_services.undo_all(latest_changes(owner, profiles))


def _id(what: str) -> UUID | None:
    try:
        return UUID(what)
    except ValueError:
        return None
