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
from headshots.isolation import load_rows, run_for_each
from headshots.models import Variant
from headshots.storage import pictures
from integrations import perceptual_hash, public_profiles
from integrations.errors import ActionNotAvailable, PlatformError, UnknownPlace
from integrations.models import Connection, HandOff, Publication, PublicName
from integrations.places import all_places
from integrations.publication_states import State
from integrations.publishing import choices
from integrations.publishing.eligibility import require_allowed
from integrations.publishing.transitions import change_state

POLL_TASK: Final = "integrations.poll_public_picture"
FIRST_POLL_DELAY: Final = timedelta(seconds=15)  # until the first poll; the delay doubles each time
MAX_POLL_DELAY: Final = timedelta(hours=1)  # delay between two polls
MAX_POLLS: Final = 24  # polls of a hand-off, over about half a day
POLLS_PER_CALL: Final = 100  # polls enqueued per call
# The state and message that the end of a hand-off gives its publication.
PUBLICATION_RESULTS: Final = {
    HandOff.State.DONE: (State.PUBLISHED, "You said that it is done."),
    HandOff.State.SEEN: (State.PUBLISHED, "Seen there."),
    HandOff.State.CANCELLED: (State.CANCELLED, "You cancelled it."),
}
OPEN_STATES: Final = (HandOff.State.WAITING, HandOff.State.DONE)


def begin_handoff(
    variant: Variant, place: str, *, account: Connection | None = None, batch: UUID | None = None
) -> HandOff:
    """Begin a hand-off of a headshot for a place or for one account there.

    The headshot is chosen there, and another hand-off that waits at the place is cancelled. If the
    same headshot waits already, that hand-off is returned. Raises UnknownPlace, NotPublishable,
    NotOwner, or ActionNotAvailable for a place that this server serves.
    """
    _require_manual_place(place)
    require_allowed(variant, None)
    with transaction.atomic():
        choices.choose_variant(variant, [] if account else [place], [account] if account else [])
        waiting_handoff = HandOff.objects.filter(
            owner=variant.owner_id, place=place, state=HandOff.State.WAITING
        ).first()
        if waiting_handoff and waiting_handoff.variant_id == variant.pk:
            return waiting_handoff
        if waiting_handoff:
            cancel_handoff(waiting_handoff)
        return _create_handoff(variant, place, batch)


def _require_manual_place(place: str) -> None:
    """Raise an error unless this is a place where a person can set a picture."""
    place_details = all_places().get(place)
    if place_details is None:
        raise UnknownPlace(f"There is no place '{place}'.")
    if place_details.is_served:
        raise ActionNotAvailable(
            "Your avatar address is not set by hand.", advice="Choose the headshot for it."
        )


def _create_handoff(variant: Variant, place: str, batch: UUID | None) -> HandOff:
    handoff = HandOff(owner_id=variant.owner_id, place=place, variant=variant, batch=batch)
    public_name = PublicName.objects.filter(owner=variant.owner_id, place=place).first()
    if public_name and all_places()[place].public:
        handoff.public_name, handoff.next_poll_at = (
            public_name.name,
            timezone.now() + FIRST_POLL_DELAY,
        )
    handoff.save()
    return handoff


def mark_done(handoff: HandOff) -> bool:
    """Record that the person has set the picture; return False if the hand-off had ended."""
    now = timezone.now()
    return _change_state(handoff, (HandOff.State.WAITING,), HandOff.State.DONE, done_at=now)


def cancel_handoff(handoff: HandOff) -> bool:
    """Cancel a hand-off; return False if it had ended."""
    return _change_state(
        handoff, (HandOff.State.WAITING,), HandOff.State.CANCELLED, next_poll_at=None
    )


def set_public_name(handoff: HandOff, name: str) -> None:
    """Store the person's public name at the place and start polling their public picture.

    Raises BadName, or ActionNotAvailable if the place shows no pictures to the public.
    """
    if not handoff.place_details.public:
        raise ActionNotAvailable(
            f"{handoff.place_details.name} shows your picture to nobody without an account."
        )
    name = public_profiles.parse_public_name(name)
    PublicName.objects.update_or_create(
        owner=handoff.owner, place=handoff.place, defaults={"name": name}
    )
    values = {"public_name": name, "next_poll_at": timezone.now(), "poll_count": 0, "note": ""}
    HandOff.objects.filter(pk=handoff.pk, state__in=OPEN_STATES).update(**values)
    handoff.refresh_from_db()


def poll_public_picture(handoff_pk: UUID) -> bool:
    """Poll the public picture; return whether it is the headshot that was handed over."""
    open_handoffs = HandOff.objects.filter(pk=handoff_pk, state__in=OPEN_STATES).exclude(
        public_name=""
    )
    handoff = open_handoffs.select_related("variant").first()
    if handoff is None or not handoff.place_details.public:
        return False
    try:
        public_fingerprint = _public_fingerprint(handoff)
    except (PlatformError, FacetError) as error:
        open_handoffs.update(note=_describe_error(handoff, error))
        if isinstance(error, PlatformError) and error.retry_after:
            _postpone_polls(handoff, timezone.now() + timedelta(seconds=error.retry_after))
        return False
    own_fingerprint = perceptual_hash.fingerprint_file(pictures.read_file(handoff.variant.picture))
    if not perceptual_hash.is_same_picture(public_fingerprint, own_fingerprint):
        open_handoffs.update(note="")
        return False
    return _change_state(handoff, OPEN_STATES, HandOff.State.SEEN, next_poll_at=None, note="")


def enqueue_due_polls() -> int:
    """Enqueue every poll that is due and return their number.

    If a message gets lost, the next poll makes up for it.
    """
    due_handoffs = HandOff.objects.filter(
        next_poll_at__lte=timezone.now(), state__in=OPEN_STATES
    ).order_by("next_poll_at")
    rows = load_rows("public poll", due_handoffs[:POLLS_PER_CALL])
    return sum(run_for_each("public poll", rows, _enqueue_poll))


def _enqueue_poll(handoff: HandOff) -> bool:
    """Enqueue one poll; return False if a concurrent call did it."""
    if not _claim_poll(handoff):
        return False
    message = signature(POLL_TASK, (str(handoff.pk),), ignore_result=True)
    transaction.on_commit(message.delay, robust=True)
    return True


def _claim_poll(handoff: HandOff) -> bool:
    """Set the time of the next poll; return False if a concurrent call did it."""
    poll_delay = min(FIRST_POLL_DELAY * 2 ** min(handoff.poll_count, MAX_POLLS), MAX_POLL_DELAY)
    next_poll_at = timezone.now() + poll_delay if handoff.poll_count < MAX_POLLS else None
    unchanged_rows = HandOff.objects.filter(pk=handoff.pk, next_poll_at=handoff.next_poll_at)
    poll_count = min(handoff.poll_count, MAX_POLLS) + 1
    return bool(unchanged_rows.update(next_poll_at=next_poll_at, poll_count=poll_count))


def _postpone_polls(handoff: HandOff, until: datetime) -> None:
    """Postpone all polls of the place: its rate limit is shared by everybody on this server.

    The poll that was rejected does not count.
    """
    open_at_place = HandOff.objects.filter(place=handoff.place, state__in=OPEN_STATES)
    open_at_place.filter(pk=handoff.pk).update(
        next_poll_at=until, poll_count=max(handoff.poll_count - 1, 0)
    )
    open_at_place.filter(next_poll_at__lt=until).update(next_poll_at=until)


def _public_fingerprint(handoff: HandOff) -> int:
    data = public_profiles.fetch_public_picture(
        handoff.place_details, handoff.public_name, loopback=settings.OPEN_LOOPBACK
    )
    return perceptual_hash.fingerprint_file(data)


def _describe_error(handoff: HandOff, error: FacetError) -> str:
    if getattr(error, "status", None) == 404:
        return f"{handoff.place_details.name} knows nobody called {handoff.public_name}."
    return f"{handoff.place_details.name} did not show your picture just now; Facet looks again."


def _change_state(
    handoff: HandOff, sources: tuple[HandOff.State, ...], target: HandOff.State, **values: Any
) -> bool:
    fields = {"state": target, "ended_at": timezone.now(), **values}
    is_changed = HandOff.objects.filter(pk=handoff.pk, state__in=sources).update(**fields)
    handoff.refresh_from_db()
    if is_changed:
        _settle_publications(handoff)
    return bool(is_changed)


def _settle_publications(handoff: HandOff) -> None:
    """End the publications that waited for the hand-off."""
    state, message = PUBLICATION_RESULTS[HandOff.State(handoff.state)]
    sent_fields: dict[str, Any] = {"sent_at": timezone.now()} if state == State.PUBLISHED else {}
    for publication in Publication.objects.filter(handoff=handoff, state=State.BLOCKED):
        change_state(publication, state, message=message, **sent_fields)
