"""E-mails of an installation without a mail server: stored as files, printed by the supervisor."""

import email
import email.policy
import re
import time
import uuid
from collections.abc import Iterator
from email.message import EmailMessage
from pathlib import Path

from django.conf import settings
from django.core.mail import EmailMessage as DjangoEmailMessage
from django.core.mail.backends.base import BaseEmailBackend

KEPT = 50  # the oldest are deleted beyond this number
LINK = re.compile(r"https?://\S+")


class EmailBackend(BaseEmailBackend):
    """Writes each e-mail to a file that only the operator can read."""

    def send_messages(self, letters: list[DjangoEmailMessage]) -> int:
        """Store the e-mails; return how many."""
        for letter in letters:
            keep(letter.message().as_bytes())
        return len(letters)


def keep(letter: bytes) -> None:
    """Store one e-mail atomically, and delete the oldest beyond MAX_STORED_EMAILS."""
    settings.OUTBOX.mkdir(mode=0o700, parents=True, exist_ok=True)
    draft = settings.OUTBOX / f"{time.time_ns():020}-{uuid.uuid4().hex}.draft"
    draft.write_bytes(letter)
    draft.rename(draft.with_suffix(".eml"))
    for old in letters()[:-KEPT]:
        old.unlink(missing_ok=True)


def letters() -> list[Path]:
    """Return the stored files, oldest first."""
    return sorted(settings.OUTBOX.glob("*.eml"))


def forget(address: str) -> None:
    """Delete every stored e-mail to an address."""
    for path in letters():
        if address.lower() in str(read(path)["to"]).lower():
            path.unlink(missing_ok=True)


def read(path: Path) -> EmailMessage:
    """Parse a stored e-mail."""
    return email.message_from_bytes(path.read_bytes(), policy=email.policy.default)


def line(letter: EmailMessage) -> str:
    """Return one line with the recipient, the subject and the first link of the text."""
    body = letter.get_body(("plain",))
    link = LINK.search(body.get_content() if body else "")
    return f"Mail for {letter['to']} ({letter['subject']})" + (f": {link[0]}" if link else "")


class Postman:
    """Reports the e-mails that were stored after it was created."""

    def __init__(self) -> None:
        self.known = set(letters())

    def news(self) -> Iterator[str]:
        """Yield a line for each e-mail stored since the last call."""
        for path in letters():
            if path not in self.known:
                self.known.add(path)
                yield line(read(path))
