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
from django.utils import timezone

from integrations import metrics, publication_states
from integrations.errors import Unauthorized
from integrations.models import Attempt, Backup, Publication
from integrations.publication_states import ENDS, State

WAITING = frozenset({State.READY, State.BLOCKED})
TAKEN = frozenset({State.PROCESSING, State.PROPAGATING})
AGAIN = timedelta(seconds=5)  # delay while another publication is sent to the same slot
# States about which the owner gets an e-mail, except for a lost connection, which has its own.
NEWS = frozenset({State.BLOCKED, State.FAILED})


def move(
    publication: Publication, target: State, *, code: str = "", words: str = "", **values: Any
) -> bool:
    """Change the state of a publication; return False if somebody else has changed it meanwhile.

    Further fields can be given in `values`. The step is logged in the same transaction. Raises
    InvalidTransition for a change that the table does not have.
    """
    source = State(publication.state)
    publication_states.require(source, target)
    now = timezone.now()
    values = {
        "state": target,
        "code": code,
        "words": words[:300],
        "advice": "",
        "claim": None,
        "touched_at": None,
        "settled_at": now if target in ENDS else None,
        "news_at": now if target in NEWS and code != Unauthorized.code else None,
        **values,
    }
    there = Publication.objects.filter(pk=publication.pk, state=source, claim=publication.claim)
    with transaction.atomic():
        if not there.update(**values):
            return False
        Attempt.objects.create(
            publication=publication, source=source, target=target, code=code, words=words[:300]
        )
    metrics.moved(publication.place, target)
    for name, value in values.items():
        setattr(publication, name, value)
    return True


def claim(pk: UUID) -> Publication | None:
    """Claim a publication for sending; None if it is not ready or its slot is taken."""
    now = timezone.now()
    found = _whole().filter(pk=pk, state=State.READY, not_before__lte=now).first()
    if found is None:
        return None
    try:
        mine = move(found, State.SENDING, claim=uuid4(), touched_at=now, sent_at=None)
    except IntegrityError:  # another publication is being sent to this slot
        waiting = Publication.objects.filter(pk=pk, state=State.READY)
        waiting.update(not_before=now + AGAIN, touched_at=None)
        return None
    if not mine:
        return None
    if not found.attempts:
        metrics.taken(found.due_at + timedelta(seconds=found.spread), now)
    supersede(found)
    return found


def supersede(publication: Publication) -> None:
    """Cancel older publications that wait for the same slot."""
    _end_older(publication, WAITING, words="A newer picture takes its place.")


def outdate(publication: Publication) -> None:
    """Cancel older publications that are polled, as the platform accepted a newer picture."""
    _end_older(publication, TAKEN, words="A newer picture took its place.")


def _end_older(publication: Publication, states: frozenset[State], *, words: str) -> None:
    older = Publication.objects.filter(
        owner=publication.owner_id,
        connection=publication.connection_id,
        place=publication.place,
        slot=publication.slot,
        state__in=states,
        asked_at__lte=publication.asked_at,
    ).exclude(pk=publication.pk)
    for one in older.order_by():
        move(one, State.CANCELLED, code="superseded", words=words)


def about_to_write(publication: Publication, *, before: Backup) -> bool:
    """Record that the picture at the platform may change from here on.

    Returns False if the claim was lost meanwhile; then nothing may be sent.
    """
    now = timezone.now()
    mine = Publication.objects.filter(
        pk=publication.pk, state=State.SENDING, claim=publication.claim
    )
    publication.sent_at, publication.before = now, before
    return bool(
        mine.update(touched_at=now, sent_at=now, before=before, fingerprint=publication.fingerprint)
    )


def claim_look(pk: UUID) -> Publication | None:
    """Claim a publication for polling and count the poll; None if it is not due."""
    now = timezone.now()
    due = Publication.objects.filter(
        pk=pk, state__in=publication_states.WATCHED, not_before__lte=now
    )
    if not due.update(
        claim=uuid4(),
        not_before=now + timedelta(seconds=settings.PUBLISH_LEASE_SECONDS),
        touched_at=now,
        looks=F("looks") + 1,
    ):
        return None
    return _whole().get(pk=pk)


def stay(publication: Publication, *, until: datetime, code: str = "", words: str = "") -> None:
    """Keep a publication in its state and release it until its next poll."""
    mine = Publication.objects.filter(
        pk=publication.pk, state=publication.state, claim=publication.claim
    )
    mine.update(not_before=until, claim=None, touched_at=None, code=code, words=words[:300])


def reap() -> int:
    """Release publications whose worker showed no sign of life; return their number.

    Whether such a worker sent the picture is not known, so they become uncertain and are polled.
    """
    lost = timezone.now() - timedelta(seconds=settings.PUBLISH_LEASE_SECONDS)
    words = "The worker ended while it was sending; Facet looks whether it happened."
    first = timezone.now() + timedelta(seconds=settings.POLL_DELAYS[0])
    stale = Publication.objects.filter(state=State.SENDING, touched_at__lt=lost)
    return sum(
        move(one, State.UNCERTAIN, code="lost", words=words, not_before=first, looks=0)
        for one in stale
    )


def _whole() -> Any:
    return Publication.objects.select_related("connection", "variant")
