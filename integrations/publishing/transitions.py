"""The only code that changes the state of a publication.

A change has to be in the table of `publication_states`, is made by an UPDATE that has to change one
row, and is logged as an Attempt.
"""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import F
from django.db.models.functions import Least
from django.utils import timezone

from headshots.isolation import load_rows, run_for_each
from integrations import metrics, publication_states
from integrations.errors import Unauthorized
from integrations.models import Attempt, Backup, Publication
from integrations.publication_states import FINAL_STATES, State

WAITING_STATES = frozenset({State.READY, State.BLOCKED})
ACCEPTED_STATES = frozenset({State.PROCESSING, State.PROPAGATING})
SLOT_RETRY_DELAY = timedelta(seconds=5)  # delay while another publication is sent to the same slot
MAX_COUNT = 10_000  # polls and attempts that are counted; the columns take 32,767
# States about which the owner gets an e-mail, except for a lost connection, which has its own.
NEWS_STATES = frozenset({State.BLOCKED, State.FAILED})


def change_state(
    publication: Publication, target: State, *, code: str = "", message: str = "", **values: Any
) -> bool:
    """Change the state of a publication; return False if somebody else has changed it meanwhile.

    Further fields can be given in `values`. The step is logged in the same transaction. Raises
    InvalidTransition for a change that the table does not have.
    """
    source = State(publication.state)
    publication_states.require_transition(source, target)
    now = timezone.now()
    values = {
        "state": target,
        "code": code,
        "message": message[:300],
        "advice": "",
        "claim": None,
        "touched_at": None,
        "settled_at": now if target in FINAL_STATES else None,
        "news_at": now if target in NEWS_STATES and code != Unauthorized.code else None,
        **values,
    }
    unchanged_rows = Publication.objects.filter(
        pk=publication.pk, state=source, claim=publication.claim
    )
    with transaction.atomic():
        if not unchanged_rows.update(**values):
            return False
        Attempt.objects.create(
            publication=publication, source=source, target=target, code=code, message=message[:300]
        )
    metrics.count_outcome(publication.place, target)
    for name, value in values.items():
        setattr(publication, name, value)
    return True


def claim_publication(publication_pk: UUID) -> Publication | None:
    """Claim a publication for sending; None if it is not ready or its slot is taken."""
    now = timezone.now()
    publication = (
        _with_relations().filter(pk=publication_pk, state=State.READY, not_before__lte=now).first()
    )
    if publication is None:
        return None
    try:
        is_claimed = change_state(
            publication, State.SENDING, claim=uuid4(), touched_at=now, sent_at=None
        )
    except IntegrityError:  # another publication is being sent to this slot
        ready_rows = Publication.objects.filter(pk=publication_pk, state=State.READY)
        ready_rows.update(not_before=now + SLOT_RETRY_DELAY, touched_at=None)
        return None
    if not is_claimed:
        return None
    if not publication.attempts:
        metrics.observe_lateness(publication.due_at + timedelta(seconds=publication.spread), now)
    cancel_older_waiting(publication)
    return publication


def cancel_older_waiting(publication: Publication) -> None:
    """Cancel older publications that wait for the same slot."""
    _cancel_older(publication, WAITING_STATES, message="A newer picture takes its place.")


def cancel_older_polled(publication: Publication) -> None:
    """Cancel older publications that are polled, as the platform accepted a newer picture."""
    _cancel_older(publication, ACCEPTED_STATES, message="A newer picture took its place.")


def _cancel_older(publication: Publication, states: frozenset[State], *, message: str) -> None:
    older_publications = Publication.objects.filter(
        owner=publication.owner_id,
        connection=publication.connection_id,
        place=publication.place,
        slot=publication.slot,
        state__in=states,
        asked_at__lte=publication.asked_at,
    ).exclude(pk=publication.pk)
    for older_publication in older_publications.order_by():
        change_state(older_publication, State.CANCELLED, code="superseded", message=message)


def mark_write_started(publication: Publication, *, before: Backup | None) -> bool:
    """Record that the picture at the platform may change from here on.

    Returns False if the claim was lost meanwhile; then nothing may be sent.
    """
    now = timezone.now()
    claimed_rows = Publication.objects.filter(
        pk=publication.pk, state=State.SENDING, claim=publication.claim
    )
    publication.sent_at, publication.before = now, before
    return bool(
        claimed_rows.update(
            touched_at=now,
            sent_at=now,
            before=before,
            backup_error=publication.backup_error,
            fingerprint=publication.fingerprint,
            is_signed=publication.is_signed,
        )
    )


def claim_poll(publication_pk: UUID) -> Publication | None:
    """Claim a publication for polling and count the poll; None if it is not due."""
    now = timezone.now()
    due_rows = Publication.objects.filter(
        pk=publication_pk, state__in=publication_states.POLLED_STATES, not_before__lte=now
    )
    if not due_rows.update(
        claim=uuid4(),
        not_before=now + timedelta(seconds=settings.PUBLISH_LEASE_SECONDS),
        touched_at=now,
        poll_count=Least(F("poll_count") + 1, MAX_COUNT),
    ):
        return None
    return _with_relations().get(pk=publication_pk)


def postpone_poll(
    publication: Publication, *, until: datetime, code: str = "", message: str = ""
) -> None:
    """Keep a publication in its state and release it until its next poll."""
    claimed_rows = Publication.objects.filter(
        pk=publication.pk, state=publication.state, claim=publication.claim
    )
    claimed_rows.update(
        not_before=until, claim=None, touched_at=None, code=code, message=message[:300]
    )


def recover_lost_claims() -> int:
    """Release publications whose worker showed no sign of life; return their number.

    Whether such a worker sent the picture is not known, so they become uncertain and are polled.
    """
    lease_start = timezone.now() - timedelta(seconds=settings.PUBLISH_LEASE_SECONDS)
    message = "The worker ended while it was sending; Facet looks whether it happened."
    first_poll_at = timezone.now() + timedelta(seconds=settings.POLL_DELAYS[0])
    stale_publications = Publication.objects.filter(state=State.SENDING, touched_at__lt=lease_start)

    def recover_claim(publication: Publication) -> bool:
        return change_state(
            publication,
            State.UNCERTAIN,
            code="lost",
            message=message,
            not_before=first_poll_at,
            poll_count=0,
        )

    return sum(run_for_each("recovery", load_rows("recovery", stale_publications), recover_claim))


def _with_relations() -> Any:
    return Publication.objects.select_related("connection", "variant")
