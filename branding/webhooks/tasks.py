"""Celery tasks of the webhooks; each may run twice, or never, without harm."""

from uuid import UUID

from celery import shared_task

from branding.webhooks import services
from headshots.isolation import run_isolated


@shared_task(name="webhooks.record_and_enqueue")
def record_and_enqueue() -> None:
    """Record new events, and queue the deliveries that are due."""
    run_isolated("webhook events", services.record_new_events)
    run_isolated("webhook deliveries", services.enqueue_due_deliveries)


@shared_task(name="webhooks.deliver_event")
def deliver_event(pk: str) -> None:
    """Send one event to its webhook."""
    services.deliver_event(UUID(pk))


@shared_task(name="webhooks.delete_old_deliveries")
def delete_old_deliveries() -> None:
    """Delete old deliveries."""
    services.delete_old_deliveries()
