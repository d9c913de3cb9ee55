"""manage.py undo: publish the previous picture again."""

from argparse import ArgumentParser
from collections.abc import Mapping
from typing import Any
from uuid import UUID

from branding.accounts.models import User
from branding.operations.account_command import AmbiguousAccount, CommandResult
from branding.operations.publishing_command import PublishingCommand
from integrations.errors import ActionNotAvailable, UnknownPlace
from integrations.models import Publication
from integrations.publishing import services as publishing_services
from integrations.selectors import (
    latest_undoable_changes,
    profiles_matching,
    profiles_of,
    publication_for,
)


class Command(PublishingCommand):
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

    def run_for_account(self, owner: User, options: Mapping[str, Any]) -> CommandResult:
        """Undo the last change of the target, or of all profiles; each undo is a publication."""
        if options["all"] == bool(options["what"]):
            advice = "Name a place, an account or a publication, or say --all."
            raise AmbiguousAccount("Where?", advice=advice)
        publications = _undo_target(owner, options["what"])
        if not publications:
            raise ActionNotAvailable(
                "Nothing was changed that could be brought back.",
                advice="The history says what was sent where.",
            )
        return self.follow_publications(owner, publications, wait=options["wait"])


def _undo_target(owner: User, target: str) -> list[Publication]:
    """Undo the publication with this id, or the last change of each profile that is named."""
    if not target:
        return publishing_services.undo_publications(
            latest_undoable_changes(owner, profiles_of(owner))
        )
    try:
        profiles = profiles_matching(owner, [target])
    except UnknownPlace:
        if not (publication_id := _parse_uuid(target)):
            raise
        return [publishing_services.undo_publication(publication_for(owner, publication_id))]
    return publishing_services.undo_publications(latest_undoable_changes(owner, profiles))


def _parse_uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
