"""Celery tasks that send e-mails; each may run twice, or never, without harm."""

from uuid import UUID

from celery import shared_task

from branding.accounts import mail_queue


@shared_task(name=mail_queue.SEND_TASK)
def send_email(pk: str) -> None:
    """Send one e-mail."""
    mail_queue.send_queued_email(UUID(pk))


@shared_task(name="accounts.enqueue_due_emails")
def enqueue_due_emails() -> None:
    """Enqueue the e-mails whose next try is due."""
    mail_queue.enqueue_due_emails()
