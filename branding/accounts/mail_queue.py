"""E-mails on their way to the mail server: stored as rows, and sent by a task with retries.

Whoever causes an e-mail never waits for the mail server, and none is lost while it does not answer,
refuses everything, or asks to come back later (greylisting).
"""

import base64
import logging
from collections.abc import Sequence
from datetime import timedelta
from email.utils import make_msgid, parseaddr
from smtplib import SMTPException
from typing import Any, Final
from uuid import UUID

from django.conf import settings
from django.core.mail import EmailMessage, get_connection
from django.core.mail.backends.base import BaseEmailBackend
from django.db.models import F
from django.utils import timezone

from branding.accounts.models import QueuedEmail
from headshots.services.queue import enqueue_task

SEND_TASK: Final = "accounts.send_email"
LEASE: Final = timedelta(minutes=2)  # for which no other worker sends an e-mail that one sends
FIRST_DELAY: Final = timedelta(seconds=30)  # until the second try; twice as long each time
MAX_DELAY: Final = timedelta(hours=1)
LIFETIME: Final = timedelta(days=3)  # after which an e-mail is given up
MAX_DUE_EMAILS: Final = 100  # that are enqueued at once

log = logging.getLogger(__name__)


class QueueBackend(BaseEmailBackend):
    """Stores each e-mail in the transaction that causes it, and enqueues a task that sends it."""

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        """Store the e-mails; return how many."""
        for message in email_messages:
            _store(message)
        return len(email_messages)


class _StoredEmail(EmailMessage):
    """An e-mail whose bytes are known, as Django's SMTP backend takes it."""

    def __init__(self, sender: str, recipients: list[str], content: bytes) -> None:
        super().__init__(from_email=sender, to=recipients)
        self.content = content

    def message(self, **_: Any) -> "_StoredEmail":  # type: ignore[override]  # only its bytes count
        """Return the object whose `as_bytes` the backend sends."""
        return self

    def as_bytes(self, *, linesep: str = "\n") -> bytes:
        """Return the e-mail with these ends of lines."""
        return linesep.encode().join(self.content.splitlines()) + linesep.encode()


def enqueue_due_emails() -> int:
    """Enqueue the e-mails whose next try is due; return how many."""
    due = QueuedEmail.objects.filter(next_at__lte=timezone.now()).order_by("next_at")
    due_ids = list(due.values_list("pk", flat=True)[:MAX_DUE_EMAILS])
    for pk in due_ids:
        enqueue_task(SEND_TASK, pk)
    return len(due_ids)


def send_queued_email(pk: UUID) -> bool:
    """Send one e-mail and delete its row; return whether the mail server accepted it.

    After an error it is tried again later, until LIFETIME has passed. Another worker that sends it
    at the same time does nothing.
    """
    now = timezone.now()
    due = QueuedEmail.objects.filter(pk=pk, next_at__lte=now)
    if not due.update(next_at=now + LEASE, attempts=F("attempts") + 1):
        return False
    queued = QueuedEmail.objects.get(pk=pk)
    data = queued.unseal()
    email = _StoredEmail(data["sender"], data["recipients"], base64.b64decode(data["content"]))
    try:
        get_connection(settings.EMAIL_TRANSPORT).send_messages([email])
    except (OSError, SMTPException) as error:
        _record_failure(queued, error)
        return False
    queued.delete()
    return True


def delete_emails_to(address: str) -> None:
    """Delete every e-mail to an address that has not been sent yet."""
    for queued in QueuedEmail.objects.iterator():
        if address.lower() in (entry.lower() for entry in queued.unseal()["recipients"]):
            queued.delete()


def _store(message: EmailMessage) -> None:
    """Store an e-mail whose Message-ID has the domain of its sender (RFC 5322, 3.6.4)."""
    domain = parseaddr(message.from_email)[1].rpartition("@")[2] or "localhost"
    message.extra_headers.setdefault("Message-ID", make_msgid(domain=domain))
    queued = QueuedEmail()
    queued.seal(
        {
            "sender": message.from_email,
            "recipients": message.recipients(),
            "content": base64.b64encode(message.message().as_bytes()).decode(),
        }
    )
    queued.save()
    enqueue_task(SEND_TASK, queued.pk)


def _record_failure(queued: QueuedEmail, error: Exception) -> None:
    """Plan the next try, or give the e-mail up. The log says neither address nor answer."""
    name = type(error).__name__
    if timezone.now() - queued.queued_at > LIFETIME:
        log.error("An e-mail is given up after %d tries: %s", queued.attempts, name)
        queued.delete()
        return
    log.warning("An e-mail was not accepted and will be tried again: %s", name)
    delay = min(FIRST_DELAY * 2 ** min(queued.attempts - 1, 10), MAX_DELAY)
    QueuedEmail.objects.filter(pk=queued.pk).update(next_at=timezone.now() + delay)
