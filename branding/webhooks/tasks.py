"""Celery tasks of the webhooks; each may run twice, or never, without harm."""

from uuid import UUID

from celery import shared_task

from branding.webhooks import services


@shared_task(name="hooks.tick")
def record_and_enqueue() -> None:
    """Record new events, and queue the deliveries that are due."""
    services.record_new_events()
    services.enqueue_due_deliveries()


@shared_task(name="hooks.deliver")
def deliver_event(pk: str) -> None:
    """Send one event to its webhook."""
    services.deliver_event(UUID(pk))


@shared_task(name="hooks.forget")
def delete_old_deliveries() -> None:
    """Delete old deliveries."""
    services.delete_old_deliveries()
