"""E-mails of an installation without a mail server: stored as files, printed by the supervisor."""

import email
import email.policy
import re
import time
import uuid
from collections.abc import Iterator, Sequence
from email.message import EmailMessage
from pathlib import Path

from django.conf import settings
from django.core.mail import EmailMessage as DjangoEmailMessage
from django.core.mail.backends.base import BaseEmailBackend

MAX_STORED_EMAILS = 50  # the oldest are deleted beyond this number
LINK_PATTERN = re.compile(r"https?://\S+")


class EmailBackend(BaseEmailBackend):
    """Writes each e-mail to a file that only the operator can read."""

    def send_messages(self, email_messages: Sequence[DjangoEmailMessage]) -> int:
        """Store the e-mails; return how many."""
        for message in email_messages:
            store_email(message.message().as_bytes())
        return len(email_messages)


def store_email(content: bytes) -> None:
    """Store one e-mail atomically, and delete the oldest beyond MAX_STORED_EMAILS."""
    settings.OUTBOX.mkdir(mode=0o700, parents=True, exist_ok=True)
    draft_path = settings.OUTBOX / f"{time.time_ns():020}-{uuid.uuid4().hex}.draft"
    draft_path.write_bytes(content)
    draft_path.rename(draft_path.with_suffix(".eml"))
    for old_file in email_files()[:-MAX_STORED_EMAILS]:
        old_file.unlink(missing_ok=True)


def email_files() -> list[Path]:
    """Return the stored files, oldest first."""
    return sorted(settings.OUTBOX.glob("*.eml"))


def delete_emails_to(address: str) -> None:
    """Delete every stored e-mail to an address."""
    for path in email_files():
        if address.lower() in str(parse_email(path)["to"]).lower():
            path.unlink(missing_ok=True)


def parse_email(path: Path) -> EmailMessage:
    """Parse a stored e-mail."""
    return email.message_from_bytes(path.read_bytes(), policy=email.policy.default)


def summarize_email(message: EmailMessage) -> str:
    """Return one line with the recipient, the subject and the first link of the text."""
    body = message.get_body(("plain",))
    link = LINK_PATTERN.search(body.get_content() if body else "")
    return f"Mail for {message['to']} ({message['subject']})" + (f": {link[0]}" if link else "")


class OutboxReader:
    """Reports the e-mails that were stored after it was created."""

    def __init__(self) -> None:
        self.seen_files = set(email_files())

    def summarize_new_emails(self) -> Iterator[str]:
        """Yield a line for each e-mail stored since the last call."""
        for path in email_files():
            if path not in self.seen_files:
                self.seen_files.add(path)
                yield summarize_email(parse_email(path))
