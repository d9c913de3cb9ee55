"""Reading what hangs where, owner first."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.core.signing import BadSignature
from django.db.models import Max, QuerySet

from headshots.engine.recipes import UNTOUCHED
from headshots.models import Variant
from integrations.errors import UnknownPlace
from integrations.models import AvatarAddress, Choice, Connection, HandOff, Publication, linked
from integrations.places import Frame, frames
from integrations.publication_states import State

Owner = Any  # a settings.AUTH_USER_MODEL


@dataclass(frozen=True)
class Profile:
    """Where a person is seen: an account that is connected, or a place without one."""

    frame: Frame
    connection: Connection | None = None
    choice: Choice | None = None  # the account's own, or that of its place

    @property
    def key(self) -> str:
        """What a form calls it."""
        return str(self.connection.pk) if self.connection else self.frame.slug

    @property
    def name(self) -> str:
        return self.connection.account_name if self.connection else self.frame.name

    @property
    def takes_part(self) -> bool:
        """Whether a picture can get there: an account, this server itself, or the person's hand."""
        return bool(self.connection or self.frame.is_served or self.frame.by_hand)


def profiles_of(owner: Owner) -> list[Profile]:
    """Every place in the order of places.toml, one for each account that is connected there."""
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


def profiles_called(owner: Owner, names: Iterable[str]) -> list[Profile]:
    """The profiles that have one of these keys, or hang at one of these places.

    A place means every account that is connected there. UnknownPlace for a name that means none.
    """
    names = set(names)
    mine = profiles_of(owner)
    unknown = names - {one.key for one in mine} - {one.frame.slug for one in mine}
    if unknown:
        raise UnknownPlace(f"There is no place or account '{min(unknown)}'.")
    return [one for one in mine if names & {one.key, one.frame.slug}]


def choices_of(owner: Owner) -> QuerySet[Choice]:
    """Every decision ever made, newest first, with its variant at hand."""
    return Choice.objects.filter(owner=owner).select_related("variant__photo")


def current_choices(owner: Owner) -> dict[str, Choice]:
    """What hangs where, by place; choices of single accounts are in `profiles_of`."""
    mine = choices_of(owner).filter(current=True, connection=None)
    return {choice.place: choice for choice in mine}


def places_of_variants(owner: Owner) -> dict[UUID, list[Frame]]:
    """Where each chosen variant hangs, by its id."""
    found: dict[UUID, list[Frame]] = defaultdict(list)
    for choice in Choice.objects.filter(owner=owner, current=True):
        found[choice.variant_id].append(choice.frame)
    return dict(found)


def worn_by(owner: Owner) -> list[Variant]:
    """The variants that hang somewhere and can be made anew, each once."""
    hanging = {choice.variant for choice in choices_of(owner).filter(current=True)}
    anew = [variant for variant in hanging if variant.look != UNTOUCHED.slug]
    return sorted(anew, key=lambda variant: (variant.number, variant.suffix))


def address_of(owner: Owner) -> AvatarAddress | None:
    """The person's own avatar address, if they ever opened one."""
    return AvatarAddress.objects.filter(owner=owner).first()


def connections_of(owner: Owner) -> QuerySet[Connection]:
    """Every account that is connected or waits to be again, with what hangs there.

    Each has `slug`, `account_name`, `account_url`, `page`, `connected_at`, `state` and `portrait`.
    """
    return Connection.objects.filter(owner=owner).exclude(state=Connection.State.ENDED)


def connection_for(owner: Owner, pk: UUID | None) -> Connection:
    """One connection of its owner; Connection.DoesNotExist for anyone else's."""
    return connections_of(owner).get(pk=pk)


def publications_of(owner: Owner) -> QuerySet[Publication]:
    """Every picture that was ever sent or is to be, newest first.

    Each has `says`, `code`, `words` and `advice`; `variant` is what it shows, `before` what hung
    there before it, and `steps` everything that happened.
    """
    whole = ("variant", "connection", "before", "restores", "handoff")
    sealed = ("before__sealed", "restores__sealed")
    mine = Publication.objects.filter(owner=owner)
    return mine.select_related(*whole).defer(*sealed).order_by("-asked_at", "place")


def publication_for(owner: Owner, pk: UUID) -> Publication:
    """One publication; Publication.DoesNotExist if it is not this owner's."""
    return publications_of(owner).get(pk=pk)


def receipts_of(owner: Owner, batch: UUID) -> QuerySet[Publication]:
    """What was asked for together, in the order of the places."""
    return publications_of(owner).filter(batch=batch).order_by("place", "asked_at")


def history_of(owner: Owner, place: str, connection: UUID | None = None) -> QuerySet[Publication]:
    """Every change of one profile, newest first: with what it showed before and after."""
    mine = publications_of(owner).filter(place=place, sent_at__isnull=False)
    return mine.filter(connection=connection) if connection else mine


def latest_changes(owner: Owner, profiles: Iterable[Profile]) -> list[Publication]:
    """The newest change of each account that can be put back and was not yet: one, or none.

    So asking again goes one more step back. An undo that failed counts for nothing.
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
    return [one for one in found if one]


def last_sent(owner: Owner) -> dict[str, datetime]:
    """When each profile was last changed from here, by the profile's key."""
    sent = Publication.objects.filter(owner=owner, sent_at__isnull=False).order_by()
    latest = sent.values_list("connection", "place").annotate(Max("sent_at"))
    return {str(pk or place): at for pk, place, at in latest}


def waiting_for(owner: Owner) -> QuerySet[Publication]:
    """What needs the person."""
    return publications_of(owner).filter(state=State.BLOCKED)


def needing(owner: Owner) -> dict[str, UUID]:
    """The batch whose receipts say what each profile needs of the person, by the profile's key."""
    oldest_first = waiting_for(owner).order_by("asked_at")
    rows = oldest_first.values_list("connection", "place", "batch")
    return {str(pk or place): batch for pk, place, batch in rows}


def handoffs_of(owner: Owner) -> QuerySet[HandOff]:
    """Everything that was handed over to the person, newest first."""
    return HandOff.objects.filter(owner=owner).select_related("variant")


def handoff_for(owner: Owner, pk: UUID) -> HandOff:
    """One hand-off; HandOff.DoesNotExist if it is not this owner's."""
    return handoffs_of(owner).get(pk=pk)


def waiting_handoffs(owner: Owner) -> QuerySet[HandOff]:
    """What waits for the person's own hand."""
    return handoffs_of(owner).filter(state=HandOff.State.WAITING)


def handoff_at(token: str) -> HandOff:
    """The one that a signed address opens, for whoever holds it; HandOff.DoesNotExist if none."""
    try:
        pk = linked(token)
    except BadSignature as error:
        raise HandOff.DoesNotExist from error
    open_ones = HandOff.objects.exclude(state=HandOff.State.CANCELLED)
    return open_ones.select_related("variant").get(pk=pk)
