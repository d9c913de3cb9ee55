"""Celery tasks of the webhooks; each may run twice, or never, without harm."""

from uuid import UUID

from celery import shared_task

from branding.webhooks import services


@shared_task(name="hooks.tick")
def tick() -> None:
    """Record new events, and queue the deliveries that are due."""
    services.collect()
    services.tell_due()


@shared_task(name="hooks.deliver")
def deliver(pk: str) -> None:
    """Send one event to its webhook."""
    services.deliver(UUID(pk))


@shared_task(name="hooks.forget")
def forget() -> None:
    """Delete old deliveries."""
    services.forget_old()
