"""What the worker does for connections; may run twice, or never, without harm."""

from uuid import UUID

from celery import shared_task

from integrations.services import (
    connections,
    deliveries,
    digests,
    due,
    grants,
    handoffs,
    outgoing,
    publications,
    runs,
    transitions,
)


@shared_task(name="integrations.tend")
def tend() -> None:
    """Renew what is due, warn of what ends, forget who did not come back."""
    grants.renew_due()
    grants.warn()
    grants.forget_handshakes()
    connections.look_at_new()


@shared_task(name="integrations.see")
def see(pk: str) -> None:
    """Look what hangs at one account."""
    connections.see(UUID(pk))


@shared_task(name="integrations.send")
def send(pk: str) -> None:
    """Send one publication."""
    deliveries.send(UUID(pk))


@shared_task(name="integrations.look")
def look(pk: str) -> None:
    """Look whether one publication shows."""
    deliveries.look(UUID(pk))


@shared_task(name="integrations.tick")
def tick() -> None:
    """Give up lost runs, let go what is due, tell workers of it, and people what needs them."""
    transitions.reap()
    publications.ripen()
    outgoing.tell_again()
    handoffs.tell_due()
    digests.send()
    due.recompute()
    due.selfies()
    runs.expire()
    runs.tell_again()


@shared_task(name="integrations.due")
def hand_over() -> None:
    """Claim the schedules that are due, and tell workers of their runs."""
    due.hand_over()


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
