"""Publish headshots, and cancel, retry, resolve or undo publications."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from django.contrib.auth.base_user import AbstractBaseUser
from django.db import transaction
from django.utils import timezone

from headshots.models import Variant
from integrations.errors import ActionNotAvailable, ManualActionRequired, Unauthorized
from integrations.models import Connection, Publication
from integrations.publication_states import EDGES, ENDS, State
from integrations.publishing import adoption, choices, handoffs, rate_limits
from integrations.publishing import queue as publishing_queue
from integrations.publishing.eligibility import require_allowed
from integrations.publishing.transitions import move, supersede
from integrations.selectors import Profile, profiles_of

ANSWERS = frozenset({"keep", "adopt", "send"})


def refresh(
    owner: AbstractBaseUser,
    profiles: Iterable[Profile] | None = None,
    *,
    batch: UUID | None = None,
    due: datetime | None = None,
    origin: UUID | None = None,
) -> list[Publication]:
    """Publish at each profile (by default, all of them) the headshot that is chosen for it.

    Each succeeds or fails on its own. For the other arguments see `publish_variant`.
    """
    batch = batch or uuid4()
    profiles = profiles_of(owner) if profiles is None else profiles
    made = []
    for profile in profiles:
        if profile.choice and profile.takes_part:
            asked = publish(profile.choice.variant, [profile], batch=batch, due=due, origin=origin)
            made += asked
    return made


def publish(
    variant: Variant,
    profiles: Iterable[Profile],
    *,
    batch: UUID | None = None,
    due: datetime | None = None,
    origin: UUID | None = None,
) -> list[Publication]:
    """Publish a headshot at some profiles, each with a publication of its own.

    `batch` identifies what is requested together: a second request with the same batch returns
    the same publications. `due` is when to send it (None: now), `origin` the id of the schedule
    that requests it (None: the person does). Raises NotPublishable, NotOwner or
    ActionNotAvailable before anything is created.
    """
    profiles = list(profiles)
    for profile in profiles:
        require_allowed(variant, profile.connection)
        if not profile.takes_part:
            raise ActionNotAvailable(f"{profile.name} is not connected.")
    batch, due = batch or uuid4(), due or timezone.now()
    return [
        _ask(
            variant.owner_id,
            profile.frame.slug,
            profile.connection,
            batch=batch,
            due_at=due,
            origin=origin,
            variant=variant,
        )
        for profile in profiles
    ]


def cancel(publication: Publication) -> bool:
    """Cancel a publication; return False if that is no longer possible."""
    publication.refresh_from_db()
    if State.CANCELLED not in EDGES[State(publication.state)]:
        return False
    return move(publication, State.CANCELLED, code="cancelled", words="You took it back.")


def resolve(publication: Publication, answer: str) -> None:
    """Resolve a blocked publication by the person's answer: "keep", "adopt" or "send".

    "keep" leaves the profile as it is, "adopt" makes a headshot of the picture that was set by
    hand, and "send" replaces that picture or tries again. Raises ActionNotAvailable if the
    publication is not blocked (any more).
    """
    publication.refresh_from_db()
    if publication.state != State.BLOCKED or answer not in ANSWERS:
        raise ActionNotAvailable("This needs no answer any more.", advice="Load the page again.")
    if answer == "adopt":
        adoption.adopt(publication)
    elif answer == "keep":
        move(publication, State.CANCELLED, code="kept", words="You kept what hangs there.")
    elif move(
        publication, State.READY, not_before=timezone.now(), attempts=0, agreed=publication.before
    ):
        publishing_queue.send_soon(publication)


def again(publication: Publication) -> Publication:
    """Publish again what failed or was cancelled, as a new publication.

    Raises ActionNotAvailable if its headshot or account is gone.
    """
    profile = _profile_of(publication)
    if publication.variant is None:
        raise ActionNotAvailable("The headshot was deleted.", advice="Choose another one.")
    (made,) = publish(publication.variant, [profile])
    return made


def _profile_of(publication: Publication) -> Profile:
    for one in profiles_of(publication.owner):
        if one.frame.slug == publication.place and one.connection == publication.connection:
            return one
    raise ActionNotAvailable(
        "This account is not connected any more.", advice="Connect it again first."
    )


def undo(publication: Publication, *, batch: UUID | None = None) -> Publication:
    """Restore the picture that a publication replaced.

    Raises ActionNotAvailable if that picture is not known or the account is gone.
    """
    connection, before = publication.connection, publication.before
    if connection is None or before is None or not connection.is_connected:
        raise ActionNotAvailable(
            "What hung there before cannot be put back from here.",
            advice="Choose another headshot for it, or connect the account again.",
        )
    return _ask(
        publication.owner_id,
        publication.place,
        connection,
        batch=batch or uuid4(),
        due_at=timezone.now(),
        restores=before,
        undoes=publication,
    )


def undo_all(publications: Iterable[Publication]) -> list[Publication]:
    """Restore the earlier pictures of several publications, each on its own."""
    batch = uuid4()
    changed = [one for one in publications if one.before_id and one.sent_at and one.connection]
    return [undo(one, batch=batch) for one in changed if one.connection.is_connected]


def resume(connection: Connection) -> None:
    """Continue the publications that waited for the account to be connected again."""
    waiting = Publication.objects.filter(
        connection=connection, state=State.BLOCKED, code=Unauthorized.code
    )
    for one in waiting:
        if move(one, State.READY, not_before=timezone.now()):
            publishing_queue.send_soon(one)


def stop(connection: Connection) -> None:
    """Cancel every open publication of an account that was disconnected."""
    for one in Publication.objects.filter(connection=connection).exclude(state__in=ENDS):
        if State.CANCELLED in EDGES[State(one.state)]:
            move(one, State.CANCELLED, code="disconnected", words="You disconnected the account.")


def ripen() -> int:
    """Release the scheduled publications that are due and return their number."""
    due = Publication.objects.filter(state=State.SCHEDULED, not_before__lte=timezone.now())
    due = due.select_related("connection", "variant").order_by("not_before")
    ripe = [one for one in due[: publishing_queue.BATCH] if move(one, State.READY)]
    for one in ripe:
        _enter(one)
    return len(ripe)


def _ask(
    owner_id: Any, place: str, connection: Connection | None, *, batch: UUID, **told: Any
) -> Publication:
    """Create a publication and start it if it is due; return the same one for the same batch."""
    by_schedule = told.get("origin") is not None
    start = rate_limits.earliest(connection, due=told["due_at"], by_schedule=by_schedule)
    with transaction.atomic():
        row, new = Publication.objects.get_or_create(
            key=f"{batch}:{connection.pk if connection else place}",
            defaults={
                "owner_id": owner_id,
                "place": place,
                "connection": connection,
                "batch": batch,
                "state": State.SCHEDULED if start > timezone.now() else State.READY,
                "not_before": start,
                **told,
            },
        )
        if new and row.state == State.READY:
            _enter(row)
    return row


def _enter(row: Publication) -> None:
    """Start a publication: show it on this server, enqueue it, or hand it over to the person."""
    if row.frame.is_served:
        _show(row)
        return
    supersede(row)
    if row.connection is None:
        _hand_over(row)
    else:
        publishing_queue.send_soon(row)


def _show(row: Publication) -> None:
    """Publish at a place that this server serves."""
    if row.variant is None:
        move(row, State.CANCELLED, code=ActionNotAvailable.code, words="The headshot was deleted.")
        return
    choices.choose(row.variant, [row.place])
    move(row, State.PUBLISHED, words="It shows there from now on.", sent_at=timezone.now())


def _hand_over(row: Publication) -> None:
    """Begin a hand-off at a place where only the person can set the picture."""
    if row.variant is None:
        move(row, State.CANCELLED, code=ActionNotAvailable.code, words="The headshot was deleted.")
        return
    handoff = handoffs.begin(row.variant, row.place, batch=row.batch)
    move(row, State.BLOCKED, code=ManualActionRequired.code, words=row.frame.why, handoff=handoff)
