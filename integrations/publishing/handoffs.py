"""Hand-offs: headshots that a person sets by hand, because no app can do it at that place.

If the place shows the picture to everybody, it is polled, and the hand-off ends by itself as soon
as the new picture shows.
"""

from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from celery import signature
from django.conf import settings
from django.db import transaction
from django.utils import timezone

from headshots.errors import FacetError
from headshots.models import Variant
from headshots.storage import pictures
from integrations import perceptual_hash, public_profiles
from integrations.errors import ActionNotAvailable, PlatformError, RateLimited, UnknownPlace
from integrations.models import Connection, HandOff, Publication, PublicName
from integrations.places import frames
from integrations.publication_states import State
from integrations.publishing import choices
from integrations.publishing.eligibility import require_allowed
from integrations.publishing.transitions import move

LOOK: Final = "integrations.look_in_public"
FIRST: Final = timedelta(seconds=15)  # until the first poll; the delay doubles each time
LONGEST: Final = timedelta(hours=1)  # delay between two polls
LOOKS: Final = 24  # polls of a hand-off, over about half a day
BATCH: Final = 100  # polls enqueued per call
# The state and message that the end of a hand-off gives its publication.
ENDED: Final = {
    HandOff.State.DONE: (State.PUBLISHED, "You said that it is done."),
    HandOff.State.SEEN: (State.PUBLISHED, "Seen there."),
    HandOff.State.CANCELLED: (State.CANCELLED, "You took it back."),
}
OPEN: Final = (HandOff.State.WAITING, HandOff.State.DONE)


def begin(
    variant: Variant, place: str, *, account: Connection | None = None, batch: UUID | None = None
) -> HandOff:
    """Begin a hand-off of a headshot for a place or for one account there.

    The headshot is chosen there, and another hand-off that waits at the place is cancelled. If the
    same headshot waits already, that hand-off is returned. Raises UnknownPlace, NotPublishable,
    NotOwner, or ActionNotAvailable for a place that this server serves.
    """
    frame = frames().get(place)
    if frame is None:
        raise UnknownPlace(f"There is no place '{place}'.")
    if frame.is_served:
        raise ActionNotAvailable(
            "Your avatar address needs no hand.", advice="Choose the headshot for it."
        )
    require_allowed(variant, None)
    with transaction.atomic():
        choices.choose(variant, [] if account else [place], [account] if account else [])
        waiting = HandOff.objects.filter(
            owner=variant.owner_id, place=place, state=HandOff.State.WAITING
        ).first()
        if waiting and waiting.variant_id == variant.pk:
            return waiting
        if waiting:
            cancel(waiting)
        return _begun(variant, place, batch)


def _begun(variant: Variant, place: str, batch: UUID | None) -> HandOff:
    row = HandOff(owner_id=variant.owner_id, place=place, variant=variant, batch=batch)
    known = PublicName.objects.filter(owner=variant.owner_id, place=place).first()
    if known and frames()[place].public:
        row.public_name, row.look_at = known.name, timezone.now() + FIRST
    row.save()
    return row


def done(handoff: HandOff) -> bool:
    """Record that the person has set the picture; return False if the hand-off had ended."""
    now = timezone.now()
    return _move(handoff, (HandOff.State.WAITING,), HandOff.State.DONE, done_at=now)


def cancel(handoff: HandOff) -> bool:
    """Cancel a hand-off; return False if it had ended."""
    return _move(handoff, (HandOff.State.WAITING,), HandOff.State.CANCELLED, look_at=None)


def introduce(handoff: HandOff, name: str) -> None:
    """Store the person's public name at the place and start polling their public picture.

    Raises BadName, or ActionNotAvailable if the place shows no pictures to the public.
    """
    if not handoff.frame.public:
        raise ActionNotAvailable(
            f"{handoff.frame.name} shows your picture to nobody without an account."
        )
    name = public_profiles.name_in(name)
    PublicName.objects.update_or_create(
        owner=handoff.owner, place=handoff.place, defaults={"name": name}
    )
    told = {"public_name": name, "look_at": timezone.now(), "looks": 0, "note": ""}
    HandOff.objects.filter(pk=handoff.pk, state__in=OPEN).update(**told)
    handoff.refresh_from_db()


def look(pk: UUID) -> bool:
    """Poll the public picture; return whether it is the headshot that was handed over."""
    found = HandOff.objects.filter(pk=pk, state__in=OPEN).exclude(public_name="")
    handoff = found.select_related("variant").first()
    if handoff is None or not handoff.frame.public:
        return False
    try:
        there = _public_fingerprint(handoff)
    except (PlatformError, FacetError) as error:
        found.update(note=_unseen(handoff, error))
        if isinstance(error, RateLimited):
            _rest(handoff, timezone.now() + timedelta(seconds=error.retry_after))
        return False
    ours = perceptual_hash.fingerprint(pictures.read(handoff.variant.picture))
    if not perceptual_hash.is_same(there, ours):
        found.update(note="")
        return False
    return _move(handoff, OPEN, HandOff.State.SEEN, look_at=None, note="")


def tell_due() -> int:
    """Enqueue every poll that is due and return their number.

    If a message gets lost, the next poll makes up for it.
    """
    due = HandOff.objects.filter(look_at__lte=timezone.now(), state__in=OPEN).order_by("look_at")
    told = [one for one in due[:BATCH] if _claim(one)]
    for one in told:
        message = signature(LOOK, (str(one.pk),), ignore_result=True)
        transaction.on_commit(message.delay, robust=True)
    return len(told)


def _claim(handoff: HandOff) -> bool:
    """Set the time of the next poll; return False if a concurrent call did it."""
    wait = min(FIRST * 2**handoff.looks, LONGEST)
    again = timezone.now() + wait if handoff.looks < LOOKS else None
    same = HandOff.objects.filter(pk=handoff.pk, look_at=handoff.look_at)
    return bool(same.update(look_at=again, looks=handoff.looks + 1))


def _rest(handoff: HandOff, until: datetime) -> None:
    """Postpone all polls of the place: its rate limit is shared by everybody on this server.

    The poll that was rejected does not count.
    """
    here = HandOff.objects.filter(place=handoff.place, state__in=OPEN)
    here.filter(pk=handoff.pk).update(look_at=until, looks=max(handoff.looks - 1, 0))
    here.filter(look_at__lt=until).update(look_at=until)


def _public_fingerprint(handoff: HandOff) -> int:
    data = public_profiles.read(handoff.frame, handoff.public_name, loopback=settings.OPEN_LOOPBACK)
    return perceptual_hash.fingerprint(data)


def _unseen(handoff: HandOff, error: FacetError) -> str:
    if getattr(error, "status", None) == 404:
        return f"{handoff.frame.name} knows nobody called {handoff.public_name}."
    return f"{handoff.frame.name} did not show your picture just now; Facet looks again."


def _move(
    handoff: HandOff, sources: tuple[HandOff.State, ...], target: HandOff.State, **values: Any
) -> bool:
    told = {"state": target, "ended_at": timezone.now(), **values}
    moved = HandOff.objects.filter(pk=handoff.pk, state__in=sources).update(**told)
    handoff.refresh_from_db()
    if moved:
        _settle(handoff)
    return bool(moved)


def _settle(handoff: HandOff) -> None:
    """End the publications that waited for the hand-off."""
    state, words = ENDED[HandOff.State(handoff.state)]
    sent = {"sent_at": timezone.now()} if state == State.PUBLISHED else {}
    for one in Publication.objects.filter(handoff=handoff, state=State.BLOCKED):
        move(one, state, words=words, **sent)
