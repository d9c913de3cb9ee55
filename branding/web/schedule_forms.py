"""The form of a schedule, and the plan that it says."""

from datetime import date, datetime, time
from typing import Any, Final
from zoneinfo import ZoneInfo

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from headshots import selectors
from integrations import recurrence
from integrations.models import Piece, Schedule
from integrations.recurrence import Rotation, Rule, Unit
from integrations.scheduling.services import Plan
from integrations.selectors import Profile, profiles_of

TURNS: Final = 4  # rows of a rotation
KEPT: Final = 48  # headshots to choose from
WEEKDAYS: Final = (
    ("0", _("Mon")),
    ("1", _("Tue")),
    ("2", _("Wed")),
    ("3", _("Thu")),
    ("4", _("Fri")),
    ("5", _("Sat")),
    ("6", _("Sun")),
)
UNITS: Final = ((Unit.DAY, _("days")), (Unit.WEEK, _("weeks")), (Unit.MONTH, _("months")))
REPEATS: Final = ((Unit.WEEK, _("every week")), (Unit.MONTH, _("every year")))
CHOSEN, ONE, SET = "chosen", "one", "set"
SENDS: Final = (
    (CHOSEN, _("what is chosen for each profile")),
    (ONE, _("one headshot, everywhere")),
    (SET, _("several headshots, one after the other")),
)
YEAR: Final = 12  # months


def _weekdays(**told: Any) -> forms.MultipleChoiceField:
    return forms.MultipleChoiceField(
        choices=WEEKDAYS, required=False, widget=forms.CheckboxSelectMultiple, **told
    )


def _day(**told: Any) -> forms.DateField:
    return forms.DateField(widget=forms.DateInput(attrs={"type": "date"}), **told)


def _clock(**told: Any) -> forms.TimeField:
    return forms.TimeField(widget=forms.TimeInput(attrs={"type": "time"}), initial="09:00", **told)


class TurnForm(forms.Form):
    """One turn of a rotation; empty without a headshot."""

    variant = forms.ChoiceField(label=_("Headshot"), required=False)
    start = _day(label=_("From"), required=False)
    at = _clock(label=_("At"), required=False)
    unit = forms.ChoiceField(label=_("Comes back"), choices=REPEATS, required=False)
    weekdays = _weekdays(label=_("On"))

    def __init__(self, *args: Any, kept: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["variant"].choices = [("", _("none")), *kept]

    def turn(self, zone: str, until: date | None) -> tuple[Rule, Piece] | None:
        """Rule and headshot; None for an empty row."""
        told = self.cleaned_data
        if not told.get("variant"):
            return None
        unit = Unit(told.get("unit") or Unit.WEEK)
        start = datetime.combine(told.get("start") or _today(zone), told.get("at") or time(9))
        weekly = unit == Unit.WEEK
        days = tuple(int(day) for day in told["weekdays"]) if weekly else ()
        rule = Rule(start, zone, unit, interval=1 if weekly else YEAR, weekdays=days, until=until)
        return rule, Piece(told["variant"])


class PlanForm(forms.Form):
    """What should happen by itself."""

    kind = forms.ChoiceField(
        label=_("When"),
        choices=Schedule.Kind.choices,
        initial=Schedule.Kind.EVERY,
        widget=forms.RadioSelect,
    )
    start = _day(label=_("From"), required=False)
    at = _clock(label=_("At"), required=False)
    zone = forms.CharField(label=_("Clock of"), max_length=60, initial="UTC")
    interval = forms.IntegerField(label=_("Every"), min_value=1, max_value=1000, initial=1)
    unit = forms.ChoiceField(label=_("Days, weeks or months"), choices=UNITS, initial=Unit.MONTH)
    weekdays = _weekdays(label=_("On"))
    until = _day(label=_("Until"), required=False)
    sends = forms.ChoiceField(
        label=_("What it sends"), choices=SENDS, initial=CHOSEN, widget=forms.RadioSelect
    )
    variants = forms.MultipleChoiceField(
        label=_("Headshots"), required=False, widget=forms.CheckboxSelectMultiple
    )
    anew = forms.BooleanField(label=_("made anew from my newest photo"), required=False)
    profiles = forms.MultipleChoiceField(
        label=_("Where"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("Without a tick, all of them."),
    )
    missed = forms.ChoiceField(
        label=_("If Facet was off at that time"),
        choices=Schedule.Missed.choices,
        initial=Schedule.Missed.ONCE,
        widget=forms.RadioSelect,
    )
    ask_hours = forms.IntegerField(
        label=_("Ask me first, and wait so many hours"),
        min_value=0,
        max_value=168,
        initial=0,
        help_text=_("0: it does not ask. Without a yes in time, nothing is sent."),
    )
    name = forms.CharField(label=_("Name"), max_length=80, required=False)

    def __init__(self, data: Any = None, *, owner: Any, **kwargs: Any) -> None:
        super().__init__(data, **kwargs)
        self.kept = list(selectors.kept_by(owner)[:KEPT])
        self.where: list[Profile] = [one for one in profiles_of(owner) if one.takes_part]
        named = [(str(one.pk), f"{one.label} {one.title}") for one in self.kept]
        self.fields["variants"].choices = named
        self.fields["profiles"].choices = [(one.key, one.name) for one in self.where]
        turns = kwargs.get("initial", {}).get("turns", []) if kwargs.get("initial") else []
        self.turns = [
            TurnForm(
                data,
                prefix=f"turn{index}",
                kept=named,
                initial=turns[index] if index < len(turns) else None,
            )
            for index in range(TURNS)
        ]

    def is_valid(self) -> bool:
        """Every row too."""
        return all([super().is_valid(), *(turn.is_valid() for turn in self.turns)])

    def clean(self) -> dict[str, Any]:
        """Headshots where headshots are sent; exactly one where one is."""
        told = super().clean() or {}
        sends, many = told.get("sends"), len(told.get("variants", []))
        rotating = told.get("kind") == Schedule.Kind.ROTATION
        if not rotating and ((sends == ONE and many != 1) or (sends == SET and many < 2)):
            words = _("Tick one headshot.") if sends == ONE else _("Tick at least two headshots.")
            self.add_error("variants", words)
        return told

    def plan(self) -> Plan:
        """What was said; BadRule, BadSchedule and NotPublishable as `services.schedules`."""
        told = self.cleaned_data
        rule, pieces = self._rotation() if told["kind"] == Schedule.Kind.ROTATION else self._rule()
        return Plan(
            kind=told["kind"],
            rule=rule,
            pieces=pieces,
            profiles=tuple(told["profiles"]),
            name=told["name"],
            missed=told["missed"],
            ask_hours=told["ask_hours"],
            zone=told["zone"],
        )

    def _rule(self) -> tuple[Rule | None, tuple[Piece, ...]]:
        told = self.cleaned_data
        if told["kind"] == Schedule.Kind.PHOTO:
            return None, self._pieces()
        start = datetime.combine(told["start"] or _today(told["zone"]), told["at"] or time(9))
        if told["kind"] == Schedule.Kind.DATE:
            return Rule(start, told["zone"]), self._pieces()
        days = tuple(int(day) for day in told["weekdays"]) if told["unit"] == Unit.WEEK else ()
        rule = Rule(
            start,
            told["zone"],
            Unit(told["unit"]),
            interval=told["interval"],
            weekdays=days,
            until=told["until"],
        )
        return rule, self._pieces()

    def _pieces(self) -> tuple[Piece, ...]:
        told = self.cleaned_data
        if told["sends"] == CHOSEN:
            return (Piece(anew=told["anew"]),)
        return tuple(Piece(pk, anew=told["anew"]) for pk in told["variants"])

    def _rotation(self) -> tuple[Rotation, tuple[Piece, ...]]:
        told = self.cleaned_data
        turns = [turn.turn(told["zone"], told["until"]) for turn in self.turns]
        pairs = [pair for pair in turns if pair]
        return Rotation(tuple(rule for rule, _piece in pairs)), tuple(one for _rule, one in pairs)


def initial_of(schedule: Schedule) -> dict[str, Any]:
    """The form as it was when this schedule was saved."""
    pieces = [Piece.parse(one) for one in schedule.pieces]
    variants = [str(one.variant) for one in pieces if one.variant]
    told = {
        "kind": schedule.kind,
        "zone": schedule.zone,
        "profiles": schedule.profiles,
        "missed": schedule.missed,
        "ask_hours": schedule.ask_hours,
        "name": schedule.name,
        "sends": CHOSEN if not variants else ONE if len(variants) == 1 else SET,
        "variants": variants,
        "anew": any(one.anew for one in pieces),
    }
    rule = schedule.recurrence
    if isinstance(rule, Rotation):
        turns = [
            {**_initial_of_rule(one), "variant": str(piece.variant)}
            for one, piece in zip(rule.turns, pieces, strict=True)
        ]
        return {**told, "turns": turns, "until": rule.turns[0].until}
    return {**told, **(_initial_of_rule(rule) if rule else {})}


def _initial_of_rule(rule: Rule) -> dict[str, Any]:
    return {
        "start": rule.start.date(),
        "at": rule.start.time(),
        "unit": rule.unit,
        "interval": rule.interval,
        "weekdays": [str(day) for day in rule.weekdays],
        "until": rule.until,
    }


def _today(zone: str) -> date:
    clock: ZoneInfo = recurrence.zone(zone)
    return timezone.now().astimezone(clock).date()
