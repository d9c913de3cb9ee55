"""The verbs of publishing: refresh, publish, cancel, undo."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

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

Owner = Any  # a settings.AUTH_USER_MODEL
ANSWERS = frozenset({"keep", "adopt", "send"})


def refresh(
    owner: Owner,
    profiles: Iterable[Profile] | None = None,
    *,
    batch: UUID | None = None,
    due: datetime | None = None,
    origin: UUID | None = None,
) -> list[Publication]:
    """Send every profile the headshot that was chosen for it; each succeeds or fails alone.

    Without `profiles`, all of them. See `publish` for the others.
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
    """Send one headshot to some profiles, each on its own; asking twice in one batch is once.

    `batch` names what was asked for together, `due` is when it is meant to be sent (None: now),
    `origin` the schedule that asked (None: the person did). Raises NotPublishable, NotOwner or ActionNotAvailable
    before anything is asked for.
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
    """Take it back, if that is still possible; whether it was."""
    publication.refresh_from_db()
    if State.CANCELLED not in EDGES[State(publication.state)]:
        return False
    return move(publication, State.CANCELLED, code="cancelled", words="You took it back.")


def resolve(publication: Publication, answer: str) -> None:
    """What a person answers where one is needed: `keep`, `adopt` or `send`.

    Keep leaves the profile as it is; adopt makes a headshot of what somebody set there by hand;
    send replaces just that, or tries again. Raises ActionNotAvailable if it needs nobody (any more).
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
    """Send once more what failed or was taken back; ActionNotAvailable without its headshot or its account."""
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
    """Put back what hung there before; ActionNotAvailable if that is not known or the account is gone."""
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
    """Put back everything that was changed by these, each on its own."""
    batch = uuid4()
    changed = [one for one in publications if one.before_id and one.sent_at and one.connection]
    return [undo(one, batch=batch) for one in changed if one.connection.is_connected]


def resume(connection: Connection) -> None:
    """The account is connected again: what waited for that goes on."""
    waiting = Publication.objects.filter(
        connection=connection, state=State.BLOCKED, code=Unauthorized.code
    )
    for one in waiting:
        if move(one, State.READY, not_before=timezone.now()):
            publishing_queue.send_soon(one)


def stop(connection: Connection) -> None:
    """The account is disconnected: nothing more goes there, nobody looks any more."""
    for one in Publication.objects.filter(connection=connection).exclude(state__in=ENDS):
        if State.CANCELLED in EDGES[State(one.state)]:
            move(one, State.CANCELLED, code="disconnected", words="You disconnected the account.")


def ripen() -> int:
    """Let go what waited for its time; how many."""
    due = Publication.objects.filter(state=State.SCHEDULED, not_before__lte=timezone.now())
    due = due.select_related("connection", "variant").order_by("not_before")
    ripe = [one for one in due[: publishing_queue.BATCH] if move(one, State.READY)]
    for one in ripe:
        _enter(one)
    return len(ripe)


def _ask(
    owner_id: Any, place: str, connection: Connection | None, *, batch: UUID, **told: Any
) -> Publication:
    """One row for one place, and a word to a worker; what waited there before is taken back."""
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
    """It may go: show it where this server itself does, tell a worker, or ask the person."""
    if row.frame.is_served:
        _show(row)
        return
    supersede(row)
    if row.connection is None:
        _hand_over(row)
    else:
        publishing_queue.send_soon(row)


def _show(row: Publication) -> None:
    """A place that this server serves shows it from now on."""
    if row.variant is None:
        move(row, State.CANCELLED, code=ActionNotAvailable.code, words="The headshot was deleted.")
        return
    choices.choose(row.variant, [row.place])
    move(row, State.PUBLISHED, words="It shows there from now on.", sent_at=timezone.now())


def _hand_over(row: Publication) -> None:
    """Only the person can set it there: ask, and wait for their word or for it to show."""
    if row.variant is None:
        move(row, State.CANCELLED, code=ActionNotAvailable.code, words="The headshot was deleted.")
        return
    handoff = handoffs.begin(row.variant, row.place, batch=row.batch)
    move(row, State.BLOCKED, code=ManualActionRequired.code, words=row.frame.why, handoff=handoff)
