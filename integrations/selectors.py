"""Queries about places, choices, connections, publications and hand-offs of an owner."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID

from django.core.signing import BadSignature
from django.db.models import Max, Q, QuerySet
from django.utils.translation import gettext

from headshots.engine.recipes import UNTOUCHED
from headshots.models import Variant
from integrations.errors import UnknownPlace
from integrations.models import (
    AvatarAddress,
    Choice,
    Connection,
    HandOff,
    Publication,
    unsign_handoff_link,
)
from integrations.places import Place, all_places
from integrations.publication_states import State

if TYPE_CHECKING:
    from headshots.models import User


@dataclass(frozen=True)
class Profile:
    """A place where a person's picture is shown: a connected account, or a place without one."""

    place: Place
    connection: Connection | None = None
    choice: Choice | None = None  # of the account itself, or of its place

    @property
    def key(self) -> str:
        """The identifier that forms, the API and schedules use: connection id or place slug."""
        return str(self.connection.pk) if self.connection else self.place.slug

    @property
    def name(self) -> str:
        return self.connection.account_name if self.connection else gettext(self.place.name)

    @property
    def is_in_use(self) -> bool:
        """Whether the person uses it: it has an account or a headshot."""
        return bool(self.connection or self.choice)

    @property
    def is_publishable(self) -> bool:
        """Whether a headshot can be published here: by an account, this server or the person."""
        return bool(self.connection or self.place.is_served or self.place.by_hand)


def profiles_of(owner: User) -> list[Profile]:
    """Return the profiles of every place, in the order of places.toml, one per account."""
    accounts: dict[str, list[Connection | None]] = defaultdict(list)
    for connection in connections_of(owner):
        accounts[connection.slug].append(connection)
    chosen = {
        (current.place, current.connection_id): current
        for current in choices_of(owner).filter(current=True)
    }

    def find_choice(slug: str, connection: Connection | None) -> Choice | None:
        own_choice = chosen.get((slug, connection.pk)) if connection else None
        return own_choice or chosen.get((slug, None))

    return [
        Profile(place, connection, find_choice(slug, connection))
        for slug, place in all_places().items()
        for connection in accounts.get(slug, [None])
    ]


def profiles_matching(owner: User, names: Iterable[str]) -> list[Profile]:
    """Return the profiles with one of these keys or at one of these places.

    A place stands for every account that is connected there. Raises UnknownPlace for any other
    name.
    """
    names = set(names)
    own_profiles = profiles_of(owner)
    unknown = (
        names
        - {profile.key for profile in own_profiles}
        - {profile.place.slug for profile in own_profiles}
    )
    if unknown:
        raise UnknownPlace(f"There is no place or account '{min(unknown)}'.")
    return [profile for profile in own_profiles if names & {profile.key, profile.place.slug}]


def choices_of(owner: User) -> QuerySet[Choice]:
    """Return all choices, past and current, newest first, with their variants."""
    return Choice.objects.filter(owner=owner).select_related("variant__photo")


def current_choices(owner: User) -> dict[str, Choice]:
    """Return the current choice of each place by slug, without those of single accounts."""
    own_choices = choices_of(owner).filter(current=True, connection=None)
    return {choice.place: choice for choice in own_choices}


def places_of_variants(owner: User) -> dict[UUID, list[Place]]:
    """Return the places for which each variant is chosen, by the variant's id."""
    places_by_variant: dict[UUID, list[Place]] = defaultdict(list)
    for choice in Choice.objects.filter(owner=owner, current=True):
        places_by_variant[choice.variant_id].append(choice.place_details)
    return dict(places_by_variant)


def refreshable_variants(owner: User) -> list[Variant]:
    """Return the chosen variants that can be rendered anew, each once."""
    chosen_variants = {choice.variant for choice in choices_of(owner).filter(current=True)}
    renderable_variants = [variant for variant in chosen_variants if variant.look != UNTOUCHED.slug]
    return sorted(renderable_variants, key=lambda variant: (variant.number, variant.suffix))


def avatar_address_of(owner: User) -> AvatarAddress | None:
    """Return the owner's avatar addresses, if they ever opened one."""
    return AvatarAddress.objects.filter(owner=owner).first()


def connections_of(owner: User) -> QuerySet[Connection]:
    """Return the accounts that are connected or have to be connected again."""
    return Connection.objects.filter(owner=owner).exclude(state=Connection.State.ENDED)


def connection_for(owner: User, pk: UUID) -> Connection:
    """Return a connection of this owner; Connection.DoesNotExist for anyone else's."""
    return connections_of(owner).get(pk=pk)


def publications_of(owner: User) -> QuerySet[Publication]:
    """Return all publications, newest first, with related rows but without sealed data."""
    related_fields = ("variant", "connection", "before", "restores", "handoff")
    sealed_fields = ("before__sealed", "restores__sealed")
    own_publications = Publication.objects.filter(owner=owner)
    return (
        own_publications.select_related(*related_fields)
        .defer(*sealed_fields)
        .order_by("-asked_at", "place")
    )


def changes_of(owner: User) -> QuerySet[Publication]:
    """Return the publications that changed a profile or failed to, newest first."""
    return publications_of(owner).filter(Q(sent_at__isnull=False) | Q(state=State.FAILED))


def publication_for(owner: User, pk: UUID) -> Publication:
    """Return a publication; Publication.DoesNotExist if it is not this owner's."""
    return publications_of(owner).get(pk=pk)


def publications_in_batch(owner: User, batch: UUID) -> QuerySet[Publication]:
    """Return the publications that were requested together, ordered by place."""
    return publications_of(owner).filter(batch=batch).order_by("place", "asked_at")


def profile_history(
    owner: User, place: str, connection: UUID | None = None
) -> QuerySet[Publication]:
    """Return the publications that changed a profile, newest first."""
    own_publications = publications_of(owner).filter(place=place, sent_at__isnull=False)
    return own_publications.filter(connection=connection) if connection else own_publications


def latest_undoable_changes(owner: User, profiles: Iterable[Profile]) -> list[Publication]:
    """Return, for each connected profile, its latest change that can be undone and was not yet.

    Undoing repeatedly therefore goes back step by step. A failed or cancelled undo is ignored.
    """
    undo_publications = Publication.objects.filter(owner=owner, undoes__isnull=False)
    undo_publications = undo_publications.exclude(state__in=(State.FAILED, State.CANCELLED))
    changes = [
        profile_history(owner, profile.place.slug, profile.connection.pk)
        .filter(undoes=None, before__isnull=False)
        .exclude(pk__in=undo_publications.values("undoes"))
        .first()
        for profile in profiles
        if profile.connection
    ]
    return [change for change in changes if change]


def last_sent_times(owner: User) -> dict[str, datetime]:
    """Return when each profile was last changed by a publication, by the profile's key."""
    sent = Publication.objects.filter(owner=owner, sent_at__isnull=False).order_by()
    latest = sent.values_list("connection", "place").annotate(Max("sent_at"))
    return {str(pk or place): sent_at for pk, place, sent_at in latest}


def blocked_publications(owner: User) -> QuerySet[Publication]:
    """Return the publications that wait for a decision of the owner."""
    return publications_of(owner).filter(state=State.BLOCKED)


def blocked_batches(owner: User) -> dict[str, UUID]:
    """Return the newest batch with a blocked publication of each profile, by the profile's key."""
    oldest_first = blocked_publications(owner).order_by("asked_at")
    rows = oldest_first.values_list("connection", "place", "batch")
    return {str(pk or place): batch for pk, place, batch in rows}


def handoffs_of(owner: User) -> QuerySet[HandOff]:
    """Return all hand-offs, newest first."""
    return HandOff.objects.filter(owner=owner).select_related("variant")


def handoff_for(owner: User, pk: UUID) -> HandOff:
    """Return a hand-off; HandOff.DoesNotExist if it is not this owner's."""
    return handoffs_of(owner).get(pk=pk)


def waiting_handoffs(owner: User) -> QuerySet[HandOff]:
    """Return the hand-offs that the owner has not completed."""
    return handoffs_of(owner).filter(state=HandOff.State.WAITING)


def handoff_for_link(token: str) -> HandOff:
    """Return the hand-off that a signed link opens for anyone; HandOff.DoesNotExist if none."""
    try:
        pk = unsign_handoff_link(token)
    except BadSignature as error:
        raise HandOff.DoesNotExist from error
    open_handoffs = HandOff.objects.exclude(state=HandOff.State.CANCELLED)
    return open_handoffs.select_related("variant").get(pk=pk)
