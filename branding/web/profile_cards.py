"""What the profiles page says about each profile: its state, in one phrase, and its one action."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from branding.accounts.models import User
from branding.web.wording import MARKED_BY_PERSON
from headshots.models import Variant
from integrations.models import Choice, Connection, HandOff, Publication
from integrations.places import Place
from integrations.publication_states import ACTIVE_STATES, State
from integrations.scheduling.selectors import PlannedRun, next_run_by_profile
from integrations.selectors import Profile, avatar_address_of, last_sent_times, profiles_of

NEWEST: Final = 300  # publications among which the latest one of each profile is found


@dataclass(frozen=True)
class ProfileState:
    """A state of a profile: its code for the style sheet, its words, and what helps."""

    code: str  # good, todo, attention or busy
    words: Any
    action: str = ""  # choose, update, hand_off, connect, reconnect, open_address or a link
    label: Any = ""
    url: str = ""  # of an action that is a link


@dataclass(frozen=True)
class ProfileCard:
    """One profile as the page shows it."""

    profile: Profile
    state: ProfileState
    sent_at: datetime | None
    next_run: PlannedRun | None

    @property
    def place(self) -> Place:
        return self.profile.place

    @property
    def connection(self) -> Connection | None:
        return self.profile.connection

    @property
    def choice(self) -> Choice | None:
        return self.profile.choice

    @property
    def variant(self) -> Variant | None:
        return self.choice.variant if self.choice else None


def build_cards(owner: User, all_profiles: list[Profile] | None = None) -> list[ProfileCard]:
    """Return a card for each profile with an account or a headshot."""
    profiles = profiles_of(owner) if all_profiles is None else all_profiles
    own_profiles = [profile for profile in profiles if profile.is_in_use]
    latest, sent_times = _latest_publications(owner), last_sent_times(owner)
    planned = next_run_by_profile(owner, own_profiles)
    address = avatar_address_of(owner)
    is_address_open = bool(address and address.is_open)
    return [
        ProfileCard(
            profile,
            _state_of(profile, latest.get(profile.key), is_address_open=is_address_open),
            sent_times.get(profile.key),
            planned.get(profile.key),
        )
        for profile in own_profiles
    ]


def _latest_publications(owner: User) -> Mapping[str, Publication]:
    """Return the latest publication of each profile that was not cancelled, by its key."""
    newest = (
        Publication.objects.filter(owner=owner)
        .exclude(state=State.CANCELLED)
        .select_related("handoff")
        .only("state", "code", "batch", "variant", "connection", "place", "handoff__state")
        .order_by("-asked_at")[:NEWEST]
    )
    latest: dict[str, Publication] = {}
    for publication in newest:
        latest.setdefault(str(publication.connection_id or publication.place), publication)
    return latest


def _state_of(
    profile: Profile, publication: Publication | None, *, is_address_open: bool
) -> ProfileState:
    """Return the state of a profile; what needs the person comes before everything else."""
    connection = profile.connection
    if connection and not connection.is_connected:
        page = reverse("web:connect_platform", args=[connection.slug])
        return ProfileState(
            "attention",
            _("Action needed: sign in there again"),
            "link",
            _("Reconnect"),
            f"{page}?server={connection.typed_address}",
        )
    if publication and (unsettled := _unsettled_state(publication)):
        return unsettled
    if profile.choice is None:
        return ProfileState("todo", _("Not set yet"), "choose", _("Choose a headshot"))
    if publication and _shows(publication, profile.choice.variant_id):
        return _shown_state(publication)
    if profile.place.is_served:
        return _served_state(is_open=is_address_open)
    return _unsent_state(profile)


def _unsettled_state(publication: Publication) -> ProfileState | None:
    """Return the state while a publication is under way, waits for the person or has failed."""
    receipts = reverse("web:receipts", args=[publication.batch])
    if publication.state == State.BLOCKED and publication.handoff_id:
        page = reverse("web:handoff", args=[publication.handoff_id])
        return ProfileState(
            "attention", _("Action needed: upload it there"), "link", _("Upload it"), page
        )
    if publication.state == State.BLOCKED and publication.code == "drifted":
        return ProfileState("attention", _("Changed by hand"), "link", _("Decide"), receipts)
    if publication.state == State.BLOCKED:
        return ProfileState("attention", _("Action needed"), "link", _("See why"), receipts)
    if publication.state == State.FAILED:
        return ProfileState("attention", _("Could not be updated"), "link", _("See why"), receipts)
    if publication.state in ACTIVE_STATES:
        return ProfileState("busy", _("Updating…"), "link", _("Watch"), receipts)
    return None


def _shows(publication: Publication, variant_id: UUID) -> bool:
    return publication.state == State.PUBLISHED and publication.variant_id == variant_id


def _shown_state(publication: Publication) -> ProfileState:
    if publication.handoff and publication.handoff.state == HandOff.State.DONE:
        return ProfileState("good", MARKED_BY_PERSON)
    return ProfileState("good", _("Up to date, verified"))


def _served_state(*, is_open: bool) -> ProfileState:
    if is_open:
        return ProfileState("good", _("Up to date"))
    return ProfileState(
        "todo", _("Off: nobody sees it"), "link", _("Turn on"), reverse("web:addresses")
    )


def _unsent_state(profile: Profile) -> ProfileState:
    if profile.connection:
        return ProfileState("todo", _("Ready to update"), "update", _("Update"))
    if profile.place.by_hand:
        return ProfileState("todo", _("Ready: upload it yourself"), "hand_off", _("Upload it"))
    page = reverse("web:connect_platform", args=[profile.place.slug])
    return ProfileState("todo", _("Not connected yet"), "link", _("Connect"), page)
