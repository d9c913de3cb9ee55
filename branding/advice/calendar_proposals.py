"""Proposed schedules from a person's calendar: found, shown, and approved one by one."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Final
from urllib.parse import urlsplit
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from branding.accounts.models import User
from branding.advice.calendar_events import MAX_FILE_BYTES, find_events
from branding.advice.models import ScheduleProposal
from headshots.errors import NotReady
from headshots.models import Variant
from headshots.selectors import only_usable, variants_of
from integrations.errors import BadSchedule
from integrations.models import Schedule, ScheduledItem
from integrations.outbound.client import Limits, OutboundClient
from integrations.recurrence import Rule
from integrations.scheduling import services as scheduling_services
from integrations.scheduling.services import ScheduleSpec
from integrations.selectors import Profile, profiles_of

AT: Final = time(9)  # of the day on which the picture changes
READ_SECONDS, TOTAL_SECONDS = 10, 20  # for an answer of a calendar server
# Looks that suit a kind of event, best first.
LOOKS: Final[Mapping[str, tuple[str, ...]]] = {
    ScheduleProposal.Kind.TALK: ("speaker", "author", "corporate"),
    ScheduleProposal.Kind.INTERVIEW: ("corporate", "linkedin", "plain"),
    ScheduleProposal.Kind.LAUNCH: ("founder", "linkedin"),
    ScheduleProposal.Kind.HOLIDAY: ("social", "cheerful", "approachable"),
}
Words = Mapping[str, list[str]]


@dataclass(frozen=True)
class ProposedChange:
    """A proposal with its headshot, the day on which it begins and the day after it."""

    proposal: ScheduleProposal
    variant: Variant | None  # None as long as there is no headshot of a fitting look
    start: date
    back: date

    @property
    def earliest_back(self) -> date:
        """The first day on which the headshot may change back."""
        return self.start + timedelta(days=1)


def download_calendar(url: str) -> bytes:
    """Return the calendar at an address, by the rules for outgoing calls.

    `webcal:` stands for `https:`. Raises ForbiddenAddress or another PlatformError.
    """
    scheme, separator, host_and_path = url.strip().partition("://")
    address = (
        f"https://{host_and_path}" if separator and scheme.lower() == "webcal" else url.strip()
    )
    path = urlsplit(address).path  # of a private address: whoever knows it reads the calendar
    client = OutboundClient(
        None,
        platform=_("The calendar"),
        allow_loopback=settings.OPEN_LOOPBACK,
        limits=Limits(read=READ_SECONDS, total=TOTAL_SECONDS, size=MAX_FILE_BYTES),
        secrets=[path] if len(path) > 1 else [],
    )
    return client.send_request("GET", address, follow_redirects=True).data


def propose_from_calendar(owner: User, data: bytes, words: Words) -> int:
    """Replace the proposals of a person by those from a calendar; return how many there are.

    Raises UnreadableCalendar, and then keeps the earlier ones.
    """
    events = find_events(data, words, timezone.now().date())
    with transaction.atomic():
        ScheduleProposal.objects.filter(owner=owner).delete()
        rows = {(event.kind, event.first_day): event for event in events}
        ScheduleProposal.objects.bulk_create(
            ScheduleProposal(owner=owner, **vars(event)) for event in rows.values()
        )
    return len(rows)


def proposals_of(owner: User) -> list[ProposedChange]:
    """Return the proposals that can still be approved, each with the headshot for it."""
    return describe_changes(owner, list(_open_proposals(owner)))


def _open_proposals(owner: User) -> QuerySet[ScheduleProposal]:
    """Return the proposals whose event is not over."""
    return ScheduleProposal.objects.filter(owner=owner, last_day__gt=timezone.now().date())


def describe_changes(owner: User, proposals: list[ScheduleProposal]) -> list[ProposedChange]:
    """Return the change of headshot that each proposal means."""
    if not proposals:
        return []
    newest = list(only_usable(variants_of(owner)).order_by("-kept", "-made_at"))
    today = timezone.now().date()
    return [_describe_change(proposal, newest, today) for proposal in proposals]


def usual_zone(owner: User) -> str:
    """Return the time zone of a person's newest schedule; UTC without one."""
    zones = Schedule.objects.filter(owner=owner).order_by("-created_at")
    return zones.values_list("zone", flat=True).first() or "UTC"


def proposal_for(owner: User, pk: UUID) -> ScheduleProposal:
    """Return an open proposal; ScheduleProposal.DoesNotExist if it is not this owner's."""
    return _open_proposals(owner).get(pk=pk)


def _describe_change(
    proposal: ScheduleProposal, newest: list[Variant], today: date
) -> ProposedChange:
    """Return the change: from the Monday of the event to the Monday after it."""
    monday = proposal.first_day - timedelta(days=proposal.first_day.weekday())
    variant = next(
        (entry for look in LOOKS[proposal.kind] for entry in newest if entry.look == look), None
    )
    back = proposal.last_day + timedelta(days=7 - proposal.last_day.weekday())
    return ProposedChange(proposal, variant, max(monday, today + timedelta(days=1)), back)


def profiles_to_change(owner: User) -> list[Profile]:
    """Return the profiles for which a proposal can hold: those with a headshot to go back to."""
    return [profile for profile in profiles_of(owner) if profile.choice]


def approve_proposal(
    proposal: ScheduleProposal,
    zone: str,
    *,
    profile_keys: Iterable[str] | None = None,
    back: date | None = None,
) -> list[Schedule]:
    """Turn a proposal into two schedules: the headshot for the event, and back to the chosen ones.

    It holds for the profiles with these keys, without them for all that have a headshot. `back` is
    the day of the second schedule, without it the proposed one. Raises NotReady without a headshot
    or a profile, BadSchedule if `back` is not after the start, and BadRule or PhotoLimitReached as
    schedules do.
    """
    owner = proposal.owner
    (change,) = describe_changes(owner, [proposal])
    if change.variant is None:
        raise NotReady(
            _("There is no headshot for this event yet."), advice=_("Make headshots first.")
        )
    back = back or change.back
    if back < change.earliest_back:
        raise BadSchedule(_("It would change back too early."), advice=_("Choose a later day."))
    profiles = _choose_profiles(owner, profile_keys)
    name = proposal.get_kind_display()
    parts = (
        (change.start, ScheduledItem(change.variant.pk), _("For %(event)s") % {"event": name}),
        (back, ScheduledItem(), _("Back after %(event)s") % {"event": name}),
    )
    with transaction.atomic():
        schedules = [
            scheduling_services.create_schedule(
                owner,
                ScheduleSpec(
                    Schedule.Kind.DATE,
                    Rule(datetime.combine(day, AT), zone),
                    items=(item,),
                    profiles=profiles,
                    name=title,
                ),
            )
            for day, item, title in parts
        ]
        proposal.delete()
    return schedules


def _choose_profiles(owner: User, profile_keys: Iterable[str] | None) -> tuple[str, ...]:
    """Return the keys of the profiles that change; raises NotReady without one."""
    possible = [profile.key for profile in profiles_to_change(owner)]
    if not possible:
        raise NotReady(_("No profile uses a headshot yet."), advice=_("Choose profiles first."))
    chosen = possible if profile_keys is None else set(profile_keys)
    profiles = tuple(key for key in possible if key in chosen)
    if not profiles:
        raise NotReady(_("No profile is chosen."), advice=_("Choose at least one profile."))
    return profiles


def dismiss_proposal(proposal: ScheduleProposal) -> None:
    """Forget a proposal."""
    proposal.delete()
