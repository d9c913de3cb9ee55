"""Celery tasks of the app; each can run twice, or be lost and run later, without harm."""

from uuid import UUID

from celery import shared_task

from integrations import emails
from integrations.connections import services as connection_services
from integrations.connections import tokens
from integrations.publishing import deliveries, handoffs, transitions
from integrations.publishing import queue as publishing_queue
from integrations.publishing import services as publishing_services
from integrations.scheduling import dispatcher, runs


@shared_task(name="integrations.tend")
def tend() -> None:
    """Refresh tokens, warn about expiry, delete old handshakes, fetch missing pictures."""
    tokens.renew_due()
    tokens.warn()
    tokens.forget_handshakes()
    connection_services.look_at_new()


@shared_task(name="integrations.see")
def see(pk: str) -> None:
    """Fetch the current picture of an account."""
    connection_services.see(UUID(pk))


@shared_task(name="integrations.send")
def send(pk: str) -> None:
    """Send a publication to its platform."""
    deliveries.send(UUID(pk), open_client=tokens.client_of)


@shared_task(name="integrations.look")
def look(pk: str) -> None:
    """Ask the platform whether a publication arrived."""
    deliveries.look(UUID(pk), open_client=tokens.client_of)


@shared_task(name="integrations.tick")
def tick() -> None:
    """Do what is due: recover lost work, release and enqueue publications, polls and runs.

    Also send the digests, recompute schedules after a change of tzdata, and expire approvals.
    """
    transitions.reap()
    publishing_services.ripen()
    publishing_queue.tell_again()
    handoffs.tell_due()
    emails.send_digests()
    dispatcher.recompute()
    dispatcher.selfies()
    runs.expire()
    runs.tell_again()


@shared_task(name="integrations.due")
def hand_over() -> None:
    """Claim the schedules that are due and enqueue their runs."""
    dispatcher.hand_over()


@shared_task(name="integrations.play")
def play(*pks: str) -> None:
    """Execute runs of schedules; an error in one does not keep the others from running."""
    first, *rest = pks
    try:
        runs.play(UUID(first))
    finally:
        if rest:
            play(*rest)


@shared_task(name="integrations.look_in_public")
def look_in_public(pk: str) -> None:
    """Poll the public picture of a hand-off."""
    handoffs.look(UUID(pk))
