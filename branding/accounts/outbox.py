"""The letters of an installation without a mail server: files, which the supervisor reads out."""

import email
import email.policy
import re
import time
import uuid
from collections.abc import Iterator
from email.message import EmailMessage
from pathlib import Path

from django.conf import settings
from django.core.mail import EmailMessage as Letter
from django.core.mail.backends.base import BaseEmailBackend

KEPT = 50  # letters; older ones have had their time
LINK = re.compile(r"https?://\S+")


class EmailBackend(BaseEmailBackend):
    """Writes each letter to a file that only the owner of this installation can read."""

    def send_messages(self, letters: list[Letter]) -> int:
        """Keep them all; how many."""
        for letter in letters:
            keep(letter.message().as_bytes())
        return len(letters)


def keep(letter: bytes) -> None:
    """Write one letter, whole or not at all, and drop the oldest beyond those kept."""
    settings.OUTBOX.mkdir(mode=0o700, parents=True, exist_ok=True)
    draft = settings.OUTBOX / f"{time.time_ns():020}-{uuid.uuid4().hex}.draft"
    draft.write_bytes(letter)
    draft.rename(draft.with_suffix(".eml"))
    for old in letters()[:-KEPT]:
        old.unlink(missing_ok=True)


def letters() -> list[Path]:
    """The files, oldest first."""
    return sorted(settings.OUTBOX.glob("*.eml"))


def forget(address: str) -> None:
    """Drop every letter to this address."""
    for path in letters():
        if address.lower() in str(read(path)["to"]).lower():
            path.unlink(missing_ok=True)


def read(path: Path) -> EmailMessage:
    """One letter."""
    return email.message_from_bytes(path.read_bytes(), policy=email.policy.default)


def line(letter: EmailMessage) -> str:
    """A letter in one line: for whom, about what, and the link that matters."""
    body = letter.get_body(("plain",))
    link = LINK.search(body.get_content() if body else "")
    return f"Mail for {letter['to']} ({letter['subject']})" + (f": {link[0]}" if link else "")


class Postman:
    """Knows which letters are new since it started."""

    def __init__(self) -> None:
        self.known = set(letters())

    def news(self) -> Iterator[str]:
        """A line for each letter that came since the last call."""
        for path in letters():
            if path not in self.known:
                self.known.add(path)
                yield line(read(path))
