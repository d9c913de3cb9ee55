"""Queries about places, choices, connections, publications and hand-offs of an owner."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.contrib.auth.base_user import AbstractBaseUser
from django.core.signing import BadSignature
from django.db.models import Max, QuerySet

from headshots.engine.recipes import UNTOUCHED
from headshots.models import Variant
from integrations.errors import UnknownPlace
from integrations.models import AvatarAddress, Choice, Connection, HandOff, Publication, linked
from integrations.places import Frame, frames
from integrations.publication_states import State


@dataclass(frozen=True)
class Profile:
    """A place where a person's picture is shown: a connected account, or a place without one."""

    frame: Frame
    connection: Connection | None = None
    choice: Choice | None = None  # of the account itself, or of its place

    @property
    def key(self) -> str:
        """The identifier that forms, the API and schedules use: connection id or place slug."""
        return str(self.connection.pk) if self.connection else self.frame.slug

    @property
    def name(self) -> str:
        return self.connection.account_name if self.connection else self.frame.name

    @property
    def takes_part(self) -> bool:
        """Whether a headshot can be published here: by an account, this server or the person."""
        return bool(self.connection or self.frame.is_served or self.frame.by_hand)


def profiles_of(owner: AbstractBaseUser) -> list[Profile]:
    """Return the profiles of every place, in the order of places.toml, one per account."""
    accounts: dict[str, list[Connection | None]] = defaultdict(list)
    for connection in connections_of(owner):
        accounts[connection.slug].append(connection)
    chosen = {(one.place, one.connection_id): one for one in choices_of(owner).filter(current=True)}

    def choice(slug: str, connection: Connection | None) -> Choice | None:
        own = chosen.get((slug, connection.pk)) if connection else None
        return own or chosen.get((slug, None))

    return [
        Profile(frame, connection, choice(slug, connection))
        for slug, frame in frames().items()
        for connection in accounts.get(slug, [None])
    ]


def profiles_called(owner: AbstractBaseUser, names: Iterable[str]) -> list[Profile]:
    """Return the profiles with one of these keys or at one of these places.

    A place stands for every account that is connected there. Raises UnknownPlace for any other
    name.
    """
    names = set(names)
    mine = profiles_of(owner)
    unknown = names - {one.key for one in mine} - {one.frame.slug for one in mine}
    if unknown:
        raise UnknownPlace(f"There is no place or account '{min(unknown)}'.")
    return [one for one in mine if names & {one.key, one.frame.slug}]


def choices_of(owner: AbstractBaseUser) -> QuerySet[Choice]:
    """Return all choices, past and current, newest first, with their variants."""
    return Choice.objects.filter(owner=owner).select_related("variant__photo")


def current_choices(owner: AbstractBaseUser) -> dict[str, Choice]:
    """Return the current choice of each place by slug, without those of single accounts."""
    mine = choices_of(owner).filter(current=True, connection=None)
    return {choice.place: choice for choice in mine}


def places_of_variants(owner: AbstractBaseUser) -> dict[UUID, list[Frame]]:
    """Return the places for which each variant is chosen, by the variant's id."""
    found: dict[UUID, list[Frame]] = defaultdict(list)
    for choice in Choice.objects.filter(owner=owner, current=True):
        found[choice.variant_id].append(choice.frame)
    return dict(found)


def worn_by(owner: AbstractBaseUser) -> list[Variant]:
    """Return the chosen variants that can be rendered anew, each once."""
    hanging = {choice.variant for choice in choices_of(owner).filter(current=True)}
    anew = [variant for variant in hanging if variant.look != UNTOUCHED.slug]
    return sorted(anew, key=lambda variant: (variant.number, variant.suffix))


def address_of(owner: AbstractBaseUser) -> AvatarAddress | None:
    """Return the owner's avatar addresses, if they ever opened one."""
    return AvatarAddress.objects.filter(owner=owner).first()


def connections_of(owner: AbstractBaseUser) -> QuerySet[Connection]:
    """Return the accounts that are connected or have to be connected again."""
    return Connection.objects.filter(owner=owner).exclude(state=Connection.State.ENDED)


def connection_for(owner: AbstractBaseUser, pk: UUID | None) -> Connection:
    """Return a connection of this owner; Connection.DoesNotExist for anyone else's."""
    return connections_of(owner).get(pk=pk)


def publications_of(owner: AbstractBaseUser) -> QuerySet[Publication]:
    """Return all publications, newest first, with related rows but without sealed data."""
    whole = ("variant", "connection", "before", "restores", "handoff")
    sealed = ("before__sealed", "restores__sealed")
    mine = Publication.objects.filter(owner=owner)
    return mine.select_related(*whole).defer(*sealed).order_by("-asked_at", "place")


def publication_for(owner: AbstractBaseUser, pk: UUID) -> Publication:
    """Return a publication; Publication.DoesNotExist if it is not this owner's."""
    return publications_of(owner).get(pk=pk)


def receipts_of(owner: AbstractBaseUser, batch: UUID) -> QuerySet[Publication]:
    """Return the publications that were requested together, ordered by place."""
    return publications_of(owner).filter(batch=batch).order_by("place", "asked_at")


def history_of(
    owner: AbstractBaseUser, place: str, connection: UUID | None = None
) -> QuerySet[Publication]:
    """Return the publications that changed a profile, newest first."""
    mine = publications_of(owner).filter(place=place, sent_at__isnull=False)
    return mine.filter(connection=connection) if connection else mine


def latest_changes(owner: AbstractBaseUser, profiles: Iterable[Profile]) -> list[Publication]:
    """Return, for each connected profile, its latest change that can be undone and was not yet.

    Undoing repeatedly therefore goes back step by step. A failed or cancelled undo is ignored.
    """
    undone = Publication.objects.filter(owner=owner, undoes__isnull=False)
    undone = undone.exclude(state__in=(State.FAILED, State.CANCELLED))
    found = [
        history_of(owner, one.frame.slug, one.connection.pk)
        .filter(undoes=None, before__isnull=False)
        .exclude(pk__in=undone.values("undoes"))
        .first()
        for one in profiles
        if one.connection
    ]
    return [change for change in found if change]


def last_sent(owner: AbstractBaseUser) -> dict[str, datetime]:
    """Return when each profile was last changed by a publication, by the profile's key."""
    sent = Publication.objects.filter(owner=owner, sent_at__isnull=False).order_by()
    latest = sent.values_list("connection", "place").annotate(Max("sent_at"))
    return {str(pk or place): at for pk, place, at in latest}


def waiting_for(owner: AbstractBaseUser) -> QuerySet[Publication]:
    """Return the publications that wait for a decision of the owner."""
    return publications_of(owner).filter(state=State.BLOCKED)


def needing(owner: AbstractBaseUser) -> dict[str, UUID]:
    """Return the newest batch with a blocked publication of each profile, by the profile's key."""
    oldest_first = waiting_for(owner).order_by("asked_at")
    rows = oldest_first.values_list("connection", "place", "batch")
    return {str(pk or place): batch for pk, place, batch in rows}


def handoffs_of(owner: AbstractBaseUser) -> QuerySet[HandOff]:
    """Return all hand-offs, newest first."""
    return HandOff.objects.filter(owner=owner).select_related("variant")


def handoff_for(owner: AbstractBaseUser, pk: UUID) -> HandOff:
    """Return a hand-off; HandOff.DoesNotExist if it is not this owner's."""
    return handoffs_of(owner).get(pk=pk)


def waiting_handoffs(owner: AbstractBaseUser) -> QuerySet[HandOff]:
    """Return the hand-offs that the owner has not completed."""
    return handoffs_of(owner).filter(state=HandOff.State.WAITING)


def handoff_at(token: str) -> HandOff:
    """Return the hand-off that a signed link opens for anyone; HandOff.DoesNotExist if none."""
    try:
        pk = linked(token)
    except BadSignature as error:
        raise HandOff.DoesNotExist from error
    open_ones = HandOff.objects.exclude(state=HandOff.State.CANCELLED)
    return open_ones.select_related("variant").get(pk=pk)
