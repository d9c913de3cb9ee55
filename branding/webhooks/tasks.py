"""What the worker does for webhooks; may run twice, or never, without harm."""

from uuid import UUID

from celery import shared_task

from branding.webhooks import services


@shared_task(name="hooks.tick")
def tick() -> None:
    """Write down what happened, and tell workers of what is due."""
    services.collect()
    services.tell_due()


@shared_task(name="hooks.deliver")
def deliver(pk: str) -> None:
    """Tell one event to its address."""
    services.deliver(UUID(pk))


@shared_task(name="hooks.forget")
def forget() -> None:
    """Forget old deliveries."""
    services.forget_old()
