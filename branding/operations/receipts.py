"""The base of commands that publish; it prints the progress of publications."""

import time
from argparse import ArgumentParser
from collections.abc import Sequence
from typing import Any, Final

from branding.accounts.models import User
from branding.api.publishing.publications import PublicationSerializer
from branding.operations import health
from branding.operations.terminal import Answer, Verb
from integrations.models import Publication
from integrations.publication_states import MOVING, State
from integrations.selectors import receipts_of

GLANCE: Final = 0.5  # seconds between two queries
NOBODY: Final = "Nothing is working on it: no worker was seen lately. It is sent once Facet runs."


class Sender(Verb):
    """A command that creates publications, which a worker then sends."""

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Add the option to wait until the publications are finished."""
        super().add_arguments(parser)
        parser.add_argument(
            "--wait", action="store_true", help="until each is verified, needs you or failed"
        )

    def follow(self, owner: User, made: Sequence[Publication], *, wait: bool) -> Answer:
        """Print each change of state and return the states; with `wait`, when all are finished.

        It stops waiting if no worker is running. Ctrl-C ends the waiting, not the publications.
        """
        batch, said = made[0].batch, {}
        while True:
            found = list(receipts_of(owner, batch))
            for one in found:
                line = _line(one)
                if said.get(one.pk) != line:
                    self.say(line)
                said[one.pk] = line
            moving = any(one.state in MOVING for one in found)
            works = not moving or health.outcome(health.worker) == health.OK
            if not (wait and moving and works):
                break
            time.sleep(GLANCE)
        if not works:
            self.say(NOBODY)
        told = _told(found, works=works)
        return Answer(told, whole=not wait or all(one.state == State.PUBLISHED for one in found))


def _told(found: list[Publication], *, works: bool) -> dict[str, Any]:
    receipts = PublicationSerializer(found, many=True).data
    return {"batch": found[0].batch, "working": works, "publications": receipts}


def _line(one: Publication) -> str:
    """Describe a publication in one line: profile, state, message and advice."""
    return " ".join(filter(None, (f"{one.name}: {one.says}.", one.words, one.advice)))
