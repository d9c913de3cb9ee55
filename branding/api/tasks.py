"""Celery tasks of the API."""

from celery import shared_task

from branding.api import services


@shared_task(name="api.forget")
def delete_expired_rows() -> None:
    """Delete old responses of idempotent requests, and expired codes and tokens."""
    services.delete_old_responses()
    services.delete_expired_tokens()
