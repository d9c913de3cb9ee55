"""What the worker does for connections; may run twice, or never, without harm."""

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
    """Renew what is due, warn of what ends, forget who did not come back."""
    tokens.renew_due()
    tokens.warn()
    tokens.forget_handshakes()
    connection_services.look_at_new()


@shared_task(name="integrations.see")
def see(pk: str) -> None:
    """Look what hangs at one account."""
    connection_services.see(UUID(pk))


@shared_task(name="integrations.send")
def send(pk: str) -> None:
    """Send one publication."""
    deliveries.send(UUID(pk), open_client=tokens.client_of)


@shared_task(name="integrations.look")
def look(pk: str) -> None:
    """Look whether one publication shows."""
    deliveries.look(UUID(pk), open_client=tokens.client_of)


@shared_task(name="integrations.tick")
def tick() -> None:
    """Give up lost runs, let go what is due, tell workers of it, and people what needs them."""
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
    """Claim the schedules that are due, and tell workers of their runs."""
    dispatcher.hand_over()


@shared_task(name="integrations.play")
def play(*pks: str) -> None:
    """Go on with some runs of schedules; trouble with one does not hold up the others."""
    first, *rest = pks
    try:
        runs.play(UUID(first))
    finally:
        if rest:
            play(*rest)


@shared_task(name="integrations.look_in_public")
def look_in_public(pk: str) -> None:
    """Look whether a picture that a person put somewhere by hand shows there."""
    handoffs.look(UUID(pk))
