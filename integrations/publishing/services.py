"""Publish headshots, and cancel, retry, resolve or undo publications."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid4

from django.db import transaction
from django.utils import timezone

from headshots.isolation import load_rows, run_for_each
from headshots.models import Variant
from integrations.errors import ActionNotAvailable, ManualActionRequired, Unauthorized
from integrations.models import Connection, Publication
from integrations.publication_states import FINAL_STATES, TRANSITIONS, State
from integrations.publishing import adoption, choices, handoffs, rate_limits
from integrations.publishing import queue as publishing_queue
from integrations.publishing.eligibility import require_allowed
from integrations.publishing.transitions import cancel_older_waiting, change_state
from integrations.selectors import Profile, profiles_of

if TYPE_CHECKING:
    from headshots.models import User

RESOLUTIONS = frozenset({"keep", "adopt", "send"})


def publish_chosen(
    owner: User,
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
    publications = []
    for profile in profiles:
        if profile.choice and profile.is_publishable:
            new_publications = publish_variant(
                profile.choice.variant, [profile], batch=batch, due=due, origin=origin
            )
            publications += new_publications
    return publications


def publish_variant(
    variant: Variant,
    profiles: Iterable[Profile],
    *,
    batch: UUID | None = None,
    due: datetime | None = None,
    origin: UUID | None = None,
    keeps_interval: bool = True,
) -> list[Publication]:
    """Publish a headshot at some profiles, each with a publication of its own.

    `batch` identifies what is requested together: a second request with the same batch returns
    the same publications. `due` is when to send it (None: now), `origin` the id of the schedule
    that requests it (None: the person does). `keeps_interval` says whether a schedule's publication
    waits for the interval between scheduled changes. Raises NotPublishable, NotOwner or
    ActionNotAvailable before anything is created.
    """
    profiles = list(profiles)
    for profile in profiles:
        require_allowed(variant, profile.connection)
        if not profile.is_publishable:
            raise ActionNotAvailable(f"{profile.name} is not connected.")
    batch, due = batch or uuid4(), due or timezone.now()
    return [
        _create_publication(
            variant.owner_id,
            profile.place.slug,
            profile.connection,
            batch=batch,
            keeps_interval=keeps_interval and origin is not None,
            due_at=due,
            origin=origin,
            variant=variant,
        )
        for profile in profiles
    ]


def cancel_publication(publication: Publication) -> bool:
    """Cancel a publication; return False if that is no longer possible."""
    publication.refresh_from_db()
    if State.CANCELLED not in TRANSITIONS[State(publication.state)]:
        return False
    return change_state(publication, State.CANCELLED, code="cancelled", message="You cancelled it.")


def resolve_blocked(publication: Publication, answer: str) -> None:
    """Resolve a blocked publication by the person's answer: "keep", "adopt" or "send".

    "keep" leaves the profile as it is, "adopt" makes a headshot of the picture that was set by
    hand, and "send" replaces that picture or tries again. Raises ActionNotAvailable if the
    publication is not blocked (any more).
    """
    publication.refresh_from_db()
    if publication.state != State.BLOCKED or answer not in RESOLUTIONS:
        raise ActionNotAvailable("This needs no answer any more.", advice="Load the page again.")
    if answer == "adopt":
        adoption.begin_adoption(publication)
    elif answer == "keep":
        change_state(
            publication, State.CANCELLED, code="kept", message="You kept the picture there."
        )
    elif change_state(
        publication, State.READY, not_before=timezone.now(), attempts=0, agreed=publication.before
    ):
        publishing_queue.enqueue_send(publication)


def retry_publication(publication: Publication) -> Publication:
    """Publish again what failed or was cancelled, as a new publication.

    Raises ActionNotAvailable if its headshot or account is gone.
    """
    profile = _find_profile(publication)
    if publication.variant is None:
        raise ActionNotAvailable("The headshot was deleted.", advice="Choose another one.")
    (retried,) = publish_variant(publication.variant, [profile])
    return retried


def _find_profile(publication: Publication) -> Profile:
    for profile in profiles_of(publication.owner):
        if profile.place.slug == publication.place and profile.connection == publication.connection:
            return profile
    raise ActionNotAvailable(
        "This account is not connected any more.", advice="Connect it again first."
    )


def undo_publication(publication: Publication, *, batch: UUID | None = None) -> Publication:
    """Restore the picture that a publication replaced.

    Raises ActionNotAvailable if that picture is not known or the account is gone.
    """
    connection, before = publication.connection, publication.before
    if connection is None or before is None or not connection.is_connected:
        raise ActionNotAvailable(
            publication.backup_error or "The picture from before cannot be put back from here.",
            advice="Choose another headshot for it, or connect the account again.",
        )
    return _create_publication(
        publication.owner_id,
        publication.place,
        connection,
        batch=batch or uuid4(),
        due_at=timezone.now(),
        restores=before,
        undoes=publication,
    )


def undo_publications(publications: Iterable[Publication]) -> list[Publication]:
    """Restore the earlier pictures of several publications, each on its own."""
    batch = uuid4()
    undoable = [
        publication for publication in publications if publication.before_id and publication.sent_at
    ]
    return [
        undo_publication(publication, batch=batch)
        for publication in undoable
        if publication.connection and publication.connection.is_connected
    ]


def resume_for_connection(connection: Connection) -> None:
    """Continue the publications that waited for the account to be connected again."""
    waiting_publications = Publication.objects.filter(
        connection=connection, state=State.BLOCKED, code=Unauthorized.code
    )
    run_for_each("resume", waiting_publications, _resume_publication)


def _resume_publication(publication: Publication) -> None:
    if change_state(publication, State.READY, not_before=timezone.now()):
        publishing_queue.enqueue_send(publication)


def cancel_for_connection(connection: Connection) -> None:
    """Cancel every open publication of an account that was disconnected."""
    for publication in Publication.objects.filter(connection=connection).exclude(
        state__in=FINAL_STATES
    ):
        if State.CANCELLED in TRANSITIONS[State(publication.state)]:
            change_state(
                publication,
                State.CANCELLED,
                code="disconnected",
                message="You disconnected the account.",
            )


def release_scheduled() -> int:
    """Release the scheduled publications that are due and return their number."""
    due_publications = Publication.objects.filter(
        state=State.SCHEDULED, not_before__lte=timezone.now()
    )
    due_publications = due_publications.select_related("connection", "variant").order_by(
        "not_before"
    )
    rows = load_rows("release", due_publications[: publishing_queue.BATCH_SIZE])
    return sum(
        run_for_each(
            "release", rows, _release_publication, on_failure=publishing_queue.postpone_publication
        )
    )


def _release_publication(publication: Publication) -> bool:
    with transaction.atomic():
        if not change_state(publication, State.READY):
            return False
        _start_publication(publication)
    return True


def _create_publication(
    owner_id: Any,
    place: str,
    connection: Connection | None,
    *,
    batch: UUID,
    keeps_interval: bool = False,
    **fields: Any,
) -> Publication:
    """Create a publication and start it if it is due; return the same one for the same batch."""
    start_at, scheduled_for = fields["due_at"], None
    if connection and keeps_interval:
        start_at = scheduled_for = rate_limits.next_scheduled_time(connection, due=start_at)
    with transaction.atomic():
        publication, is_new = Publication.objects.get_or_create(
            key=f"{batch}:{connection.pk if connection else place}",
            defaults={
                "owner_id": owner_id,
                "place": place,
                "connection": connection,
                "batch": batch,
                "state": State.SCHEDULED if start_at > timezone.now() else State.READY,
                "not_before": start_at,
                "scheduled_for": scheduled_for,
                **fields,
            },
        )
        if is_new and publication.state == State.READY:
            _start_publication(publication)
    return publication


def _start_publication(publication: Publication) -> None:
    """Start a publication: show it on this server, enqueue it, or hand it over to the person."""
    if publication.place_details.is_served:
        _show_on_server(publication)
        return
    cancel_older_waiting(publication)
    if publication.connection is None:
        _start_handoff(publication)
    else:
        publishing_queue.enqueue_send(publication)


def _show_on_server(publication: Publication) -> None:
    """Publish at a place that this server serves."""
    if publication.variant is None:
        change_state(
            publication,
            State.CANCELLED,
            code=ActionNotAvailable.code,
            message="The headshot was deleted.",
        )
        return
    choices.choose_variant(publication.variant, [publication.place])
    change_state(
        publication, State.PUBLISHED, message="It shows there from now on.", sent_at=timezone.now()
    )


def _start_handoff(publication: Publication) -> None:
    """Begin a hand-off at a place where only the person can set the picture."""
    if publication.variant is None:
        change_state(
            publication,
            State.CANCELLED,
            code=ActionNotAvailable.code,
            message="The headshot was deleted.",
        )
        return
    handoff = handoffs.begin_handoff(
        publication.variant, publication.place, batch=publication.batch
    )
    change_state(
        publication,
        State.BLOCKED,
        code=ManualActionRequired.code,
        message=publication.place_details.why,
        handoff=handoff,
    )
