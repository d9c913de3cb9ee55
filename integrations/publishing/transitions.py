"""The one place where a publication changes its state: by the table, counted, written down."""

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
AGAIN = timedelta(seconds=5)  # after which a slot that was taken is tried again
# What a person is told by letter; of a lost connection there is a letter already.
NEWS = frozenset({State.BLOCKED, State.FAILED})


def move(
    publication: Publication, target: State, *, code: str = "", words: str = "", **values: Any
) -> bool:
    """Take a publication to another state if it still is where this run knows it; whether it was.

    The update counts one, and the step is written down with it, or neither is. Raises InvalidTransition for
    a move that the table does not have.
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
    """The publication if it may be sent now and nobody else sends to its slot; else None."""
    now = timezone.now()
    found = _whole().filter(pk=pk, state=State.READY, not_before__lte=now).first()
    if found is None:
        return None
    try:
        mine = move(found, State.SENDING, claim=uuid4(), touched_at=now, sent_at=None)
    except IntegrityError:  # another picture is on its way there: after it
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
    """Take back what waited for the same slot before: it is no longer wanted."""
    _end_older(publication, WAITING, words="A newer picture takes its place.")


def outdate(publication: Publication) -> None:
    """A newer picture was taken by the platform: nobody looks for the older ones any more."""
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
    """Note that from here on something may have been changed; False if the run was given up."""
    now = timezone.now()
    mine = Publication.objects.filter(
        pk=publication.pk, state=State.SENDING, claim=publication.claim
    )
    publication.sent_at, publication.before = now, before
    return bool(
        mine.update(touched_at=now, sent_at=now, before=before, fingerprint=publication.fingerprint)
    )


def claim_look(pk: UUID) -> Publication | None:
    """The publication if it is time to look for it and nobody does; else None."""
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
    """Leave it in its state and look again later."""
    mine = Publication.objects.filter(
        pk=publication.pk, state=publication.state, claim=publication.claim
    )
    mine.update(not_before=until, claim=None, touched_at=None, code=code, words=words[:300])


def reap() -> int:
    """Give up runs that showed no sign of life for a lease; how many.

    Whether such a run changed anything is not known, so it is looked for first.
    """
    lost = timezone.now() - timedelta(seconds=settings.PUBLISH_LEASE_SECONDS)
    words = "The worker ended while it was sending; Facet looks whether it happened."
    first = timezone.now() + timedelta(seconds=settings.PUBLISH_LOOKS[0])
    stale = Publication.objects.filter(state=State.SENDING, touched_at__lt=lost)
    return sum(
        move(one, State.UNCERTAIN, code="lost", words=words, not_before=first, looks=0)
        for one in stale
    )


def _whole() -> Any:
    return Publication.objects.select_related("connection", "variant")
