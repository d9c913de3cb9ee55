"""Celery tasks of the API."""

from celery import shared_task

from branding.api import services
from headshots.isolation import run_isolated


@shared_task(name="api.delete_expired_rows")
def delete_expired_rows() -> None:
    """Delete old responses of idempotent requests, and expired codes and tokens."""
    run_isolated("old responses", services.delete_old_responses)
    run_isolated("expired tokens", services.delete_expired_tokens)
