"""What the worker does for programs."""

from celery import shared_task

from branding.api import services


@shared_task(name="api.forget")
def forget() -> None:
    """Forget what was answered too long ago to be asked for again, and tokens that are over."""
    services.forget_answers()
    services.forget_expired()
