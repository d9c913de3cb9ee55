"""The base of commands that publish; it prints the progress of publications."""

import time
from argparse import ArgumentParser
from collections.abc import Sequence
from typing import Any, Final
from uuid import UUID

from branding.accounts.models import User
from branding.api.publishing.publications import PublicationSerializer
from branding.operations import health
from branding.operations.account_command import AccountCommand, CommandResult
from integrations.models import Publication
from integrations.publication_states import ACTIVE_STATES, State
from integrations.selectors import publications_in_batch

POLL_INTERVAL_SECONDS: Final = 0.5  # seconds between two queries
NO_WORKER_MESSAGE: Final = (
    "Nothing is working on it: no worker was seen lately. It is sent once Facet runs."
)


class PublishingCommand(AccountCommand):
    """A command that creates publications, which a worker then sends."""

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Add the option to wait until the publications are finished."""
        super().add_arguments(parser)
        parser.add_argument(
            "--wait", action="store_true", help="until each is verified, needs you or failed"
        )

    def follow_publications(
        self, owner: User, publications: Sequence[Publication], *, wait: bool
    ) -> CommandResult:
        """Print each change of state and return the states; with `wait`, when all are finished.

        It stops waiting if no worker is running. Ctrl-C ends the waiting, not the publications.
        """
        batch = publications[0].batch
        printed_lines: dict[UUID, str] = {}
        while True:
            receipts = list(publications_in_batch(owner, batch))
            self._print_changed_lines(receipts, printed_lines)
            is_moving = any(publication.state in ACTIVE_STATES for publication in receipts)
            has_worker = not is_moving or health.run_check(health.check_worker) == health.OK
            if not (wait and is_moving and has_worker):
                break
            time.sleep(POLL_INTERVAL_SECONDS)
        if not has_worker:
            self.print_line(NO_WORKER_MESSAGE)
        summary = _summarize(receipts, has_worker=has_worker)
        are_published = all(publication.state == State.PUBLISHED for publication in receipts)
        return CommandResult(summary, is_complete=are_published or not wait)

    def _print_changed_lines(
        self, publications: Sequence[Publication], printed_lines: dict[UUID, str]
    ) -> None:
        """Print the line of each publication unless it was the last printed; remember it."""
        for publication in publications:
            line = _describe_publication(publication)
            if printed_lines.get(publication.pk) != line:
                self.print_line(line)
            printed_lines[publication.pk] = line


def _summarize(publications: list[Publication], *, has_worker: bool) -> dict[str, Any]:
    receipts = PublicationSerializer(publications, many=True).data
    return {"batch": publications[0].batch, "working": has_worker, "publications": receipts}


def _describe_publication(publication: Publication) -> str:
    """Describe a publication in one line: profile, state, message and advice."""
    return " ".join(
        filter(
            None,
            (f"{publication.name}: {publication.says}.", publication.message, publication.advice),
        )
    )
