"""Celery tasks of the app; each can run twice, or be lost and run later, without harm."""

from collections.abc import Callable
from uuid import UUID

from celery import shared_task

from headshots.isolation import run_isolated
from integrations.connections import pictures as connection_pictures
from integrations.connections import tokens
from integrations.emails import services as emails
from integrations.publishing import deliveries, handoffs, outages, transitions
from integrations.publishing import queue as publishing_queue
from integrations.publishing import services as publishing_services
from integrations.scheduling import dispatcher, runs


@shared_task(name="integrations.run_maintenance")
def run_maintenance() -> None:
    """Refresh tokens, warn about expiry, delete old handshakes, fetch missing pictures."""
    steps: tuple[Callable[[], object], ...] = (
        tokens.refresh_due_tokens,
        tokens.warn_about_expiry,
        tokens.delete_expired_handshakes,
        connection_pictures.enqueue_missing_pictures,
    )
    for step in steps:
        run_isolated("maintenance", step)


@shared_task(name="integrations.fetch_current_picture")
def fetch_current_picture(connection_pk: str) -> None:
    """Fetch the current picture of an account."""
    connection_pictures.try_fetch_picture(UUID(connection_pk))


@shared_task(name="integrations.send_publication")
def send_publication(publication_pk: str) -> None:
    """Send a publication to its platform."""
    deliveries.send_publication(UUID(publication_pk), open_client=tokens.open_client)


@shared_task(name="integrations.poll_publication")
def poll_publication(publication_pk: str) -> None:
    """Poll the platform: does it show the picture of a publication?"""
    deliveries.poll_publication(UUID(publication_pk), open_client=tokens.open_client)


@shared_task(name="integrations.process_due_work")
def process_due_work() -> None:
    """Do what is due: recover lost work, release and enqueue publications, polls and runs.

    Also send the digests, recompute schedules after a change of tzdata or a clock that was ahead,
    and expire approvals.
    """
    steps: tuple[Callable[[], object], ...] = (
        dispatcher.reanchor_after_clock_change,
        transitions.recover_lost_claims,
        publishing_services.release_scheduled,
        outages.resume_after_outage,
        publishing_queue.enqueue_due_publications,
        handoffs.enqueue_due_polls,
        emails.send_digests,
        dispatcher.recompute_next_runs,
        dispatcher.start_photo_runs,
        runs.expire_approvals,
        runs.enqueue_stalled_runs,
    )
    for step in steps:
        run_isolated("due work", step)


@shared_task(name="integrations.dispatch_due_schedules")
def dispatch_due_schedules() -> None:
    """Claim the schedules that are due and enqueue their runs."""
    dispatcher.dispatch_due()


@shared_task(name="integrations.execute_runs")
def execute_runs(*run_pks: str) -> None:
    """Execute runs of schedules; an error in one does not keep the others from running."""
    first_pk, *other_pks = run_pks
    try:
        runs.execute_run(UUID(first_pk))
    finally:
        if other_pks:
            execute_runs(*other_pks)


@shared_task(name="integrations.poll_public_picture")
def poll_public_picture(handoff_pk: str) -> None:
    """Poll the public picture of a hand-off."""
    handoffs.poll_public_picture(UUID(handoff_pk))
