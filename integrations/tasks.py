"""What the worker does for connections; may run twice, or never, without harm."""

from celery import shared_task

from integrations.services import grants


@shared_task(name="integrations.tend")
def tend() -> None:
    """Renew what is due, warn of what ends, forget who did not come back."""
    grants.renew_due()
    grants.warn()
    grants.forget_handshakes()
