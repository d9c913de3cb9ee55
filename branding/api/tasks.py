"""Celery tasks of the API."""

from celery import shared_task

from branding.api import services


@shared_task(name="api.forget")
def forget() -> None:
    """Delete old responses of idempotent requests, and expired codes and tokens."""
    services.forget_answers()
    services.forget_expired()
