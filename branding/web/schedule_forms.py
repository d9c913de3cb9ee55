"""The form of a schedule, and the ScheduleSpec that it describes."""

from datetime import date, datetime
from typing import Any, Final

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from branding.accounts.models import User
from branding.web.forms import set_choices
from headshots import selectors
from headshots.wording import word
from integrations.models import Schedule, ScheduledItem
from integrations.recurrence import Rotation, Rule, Unit
from integrations.scheduling.services import ScheduleSpec
from integrations.selectors import Profile, profiles_of

ROTATION_ROWS: Final = 4  # rows of a rotation
HEADSHOT_LIMIT: Final = 48  # headshots to choose from
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
CHOSEN, SINGLE, SET = "chosen", "one", "set"
SENDS: Final = (
    (CHOSEN, _("The headshot that each profile uses")),
    (SINGLE, _("One headshot for all")),
    (SET, _("Several headshots, one after the other")),
)
MONTHS_PER_YEAR: Final = 12  # months
DEFAULT_HOURS: Final = 24  # to approve a run


def _weekdays_field(**options: Any) -> forms.MultipleChoiceField:
    return forms.MultipleChoiceField(
        choices=WEEKDAYS, required=False, widget=forms.CheckboxSelectMultiple, **options
    )


def _date_field(**options: Any) -> forms.DateField:
    return forms.DateField(
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}), **options
    )


def _time_field(**options: Any) -> forms.TimeField:
    return forms.TimeField(
        widget=forms.TimeInput(attrs={"type": "time"}), initial="09:00", **options
    )


def require_day_and_time(form: forms.Form) -> None:
    """Add an error to the day and the time of a form that are not chosen."""
    if not form.cleaned_data.get("start") and "start" not in form.errors:
        form.add_error("start", _("Choose a day."))
    if not form.cleaned_data.get("at") and "at" not in form.errors:
        form.add_error("at", _("Choose a time."))


class RotationSlotForm(forms.Form):
    """One row of a rotation; a row without a headshot is empty."""

    variant = forms.ChoiceField(label=_("Headshot"), required=False)
    start = _date_field(label=pgettext_lazy("date", "From"), required=False)
    at = _time_field(label=_("At"), required=False)
    unit = forms.ChoiceField(label=_("Repeats"), choices=REPEATS, required=False)
    weekdays = _weekdays_field(label=_("On"))

    def __init__(self, *args: Any, headshots: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        set_choices(self, "variant", [("", _("none")), *headshots])

    def clean(self) -> dict[str, Any]:
        """Require day and time of a row with a headshot."""
        cleaned = super().clean() or {}
        if cleaned.get("variant"):
            require_day_and_time(self)
        return cleaned

    def to_rule_and_item(
        self, zone_name: str, until: date | None
    ) -> tuple[Rule, ScheduledItem] | None:
        """Return rule and headshot; None for an empty row."""
        cleaned = self.cleaned_data
        if not cleaned.get("variant"):
            return None
        unit = Unit(cleaned.get("unit") or Unit.WEEK)
        start = datetime.combine(cleaned["start"], cleaned["at"])
        weekly = unit == Unit.WEEK
        weekdays = tuple(int(day) for day in cleaned["weekdays"]) if weekly else ()
        rule = Rule(
            start,
            zone_name,
            unit,
            interval=1 if weekly else MONTHS_PER_YEAR,
            weekdays=weekdays,
            until=until,
        )
        return rule, ScheduledItem(cleaned["variant"])


class ScheduleForm(forms.Form):
    """The form of a schedule, with the rows of a rotation."""

    kind = forms.ChoiceField(
        label=_("When"),
        choices=Schedule.Kind.choices,
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose when it should happen.")},
    )
    start = _date_field(label=pgettext_lazy("date", "From"), required=False)
    at = _time_field(label=_("At"), required=False)
    zone = forms.CharField(label=_("Time zone"), max_length=60, initial="UTC")
    interval = forms.IntegerField(label=_("Every"), min_value=1, max_value=1000, initial=1)
    unit = forms.ChoiceField(label=_("Days, weeks or months"), choices=UNITS, initial=Unit.MONTH)
    weekdays = _weekdays_field(label=_("On"))
    until = _date_field(label=_("Until"), required=False)
    sends = forms.ChoiceField(
        label=_("Headshot"), choices=SENDS, initial=CHOSEN, widget=forms.RadioSelect
    )
    variants = forms.MultipleChoiceField(
        label=_("Headshots"), required=False, widget=forms.CheckboxSelectMultiple
    )
    anew = forms.BooleanField(label=_("Make it again from my newest photo"), required=False)
    profiles = forms.MultipleChoiceField(
        label=_("Profiles"),
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": _("Choose at least one profile.")},
    )
    missed = forms.ChoiceField(
        label=_("If the server was off at that time"),
        choices=Schedule.Missed.choices,
        initial=Schedule.Missed.ONCE,
        widget=forms.RadioSelect,
    )
    ask_first = forms.BooleanField(
        label=_("Ask for my approval first"), required=False, initial=True
    )
    ask_hours = forms.IntegerField(
        label=_("Hours to answer"),
        min_value=0,
        max_value=168,
        initial=DEFAULT_HOURS,
        required=False,
        help_text=_("Without your approval in time, nothing is sent."),
    )
    name = forms.CharField(label=_("Name"), max_length=80, required=False)

    def __init__(self, data: Any = None, *, owner: User, **kwargs: Any) -> None:
        super().__init__(data, **kwargs)
        self.kept = list(selectors.kept_variants_of(owner)[:HEADSHOT_LIMIT])
        self.where: list[Profile] = [entry for entry in profiles_of(owner) if entry.is_publishable]
        headshot_choices = [(str(entry.pk), word(entry.title)) for entry in self.kept]
        set_choices(self, "variants", headshot_choices)
        set_choices(self, "profiles", [(entry.key, entry.name) for entry in self.where])
        if not self.initial.get("profiles"):  # of a schedule: all of them
            self.initial["profiles"] = [entry.key for entry in self.where if entry.is_in_use]
        initial_slots = kwargs.get("initial", {}).get("turns", []) if kwargs.get("initial") else []
        self.turns = [
            RotationSlotForm(
                data,
                prefix=f"turn{index}",
                headshots=headshot_choices,
                initial=initial_slots[index] if index < len(initial_slots) else None,
            )
            for index in range(ROTATION_ROWS)
        ]

    def is_valid(self) -> bool:
        """Return whether the form and all its rows are valid."""
        is_valid = all([super().is_valid(), *(slot_form.is_valid() for slot_form in self.turns)])
        if is_valid and self._is_empty_rotation():
            self.add_error(None, _("Choose a headshot for each slot."))
        return is_valid and not self.errors

    def _is_empty_rotation(self) -> bool:
        is_rotation = self.cleaned_data["kind"] == Schedule.Kind.ROTATION
        return is_rotation and not any(slot.cleaned_data.get("variant") for slot in self.turns)

    def clean(self) -> dict[str, Any]:
        """Require the day, time and headshots that the kind of schedule needs."""
        cleaned = super().clean() or {}
        if cleaned.get("kind") in (Schedule.Kind.DATE, Schedule.Kind.EVERY):
            require_day_and_time(self)
        sends, variant_count = cleaned.get("sends"), len(cleaned.get("variants", []))
        if cleaned.get("kind") == Schedule.Kind.DATE and not cleaned.get("start"):
            self.add_error("start", _("Choose a date."))
        is_rotation = cleaned.get("kind") == Schedule.Kind.ROTATION
        if not is_rotation and (
            (sends == SINGLE and variant_count != 1) or (sends == SET and variant_count < 2)
        ):
            problem = (
                _("Choose one headshot.")
                if sends == SINGLE
                else _("Choose at least two headshots.")
            )
            self.add_error("variants", problem)
        return cleaned

    def to_schedule_spec(self) -> ScheduleSpec:
        """Return the specification. Raises BadRule, BadSchedule or NotPublishable."""
        cleaned = self.cleaned_data
        rule, items = (
            self._build_rotation()
            if cleaned["kind"] == Schedule.Kind.ROTATION
            else self._build_rule()
        )
        return ScheduleSpec(
            kind=cleaned["kind"],
            rule=rule,
            items=items,
            profiles=tuple(cleaned["profiles"]),
            name=cleaned["name"],
            missed=cleaned["missed"],
            ask_hours=(cleaned["ask_hours"] or DEFAULT_HOURS) if cleaned["ask_first"] else 0,
            zone=cleaned["zone"],
        )

    def _build_rule(self) -> tuple[Rule | None, tuple[ScheduledItem, ...]]:
        cleaned = self.cleaned_data
        if cleaned["kind"] == Schedule.Kind.PHOTO:
            return None, self._build_items()
        start = datetime.combine(cleaned["start"], cleaned["at"])
        if cleaned["kind"] == Schedule.Kind.DATE:
            return Rule(start, cleaned["zone"]), self._build_items()
        weekdays = (
            tuple(int(day) for day in cleaned["weekdays"]) if cleaned["unit"] == Unit.WEEK else ()
        )
        rule = Rule(
            start,
            cleaned["zone"],
            Unit(cleaned["unit"]),
            interval=cleaned["interval"],
            weekdays=weekdays,
            until=cleaned["until"],
        )
        return rule, self._build_items()

    def _build_items(self) -> tuple[ScheduledItem, ...]:
        cleaned = self.cleaned_data
        if cleaned["sends"] == CHOSEN:
            return (ScheduledItem(anew=cleaned["anew"]),)
        return tuple(ScheduledItem(pk, anew=cleaned["anew"]) for pk in cleaned["variants"])

    def _build_rotation(self) -> tuple[Rotation, tuple[ScheduledItem, ...]]:
        cleaned = self.cleaned_data
        slots = [slot.to_rule_and_item(cleaned["zone"], cleaned["until"]) for slot in self.turns]
        filled_slots = [slot for slot in slots if slot]
        rules = tuple(rule for rule, _item in filled_slots)
        return Rotation(rules), tuple(item for _rule, item in filled_slots)


def initial_values(schedule: Schedule) -> dict[str, Any]:
    """Return the form values with which this schedule was saved."""
    scheduled_items = [ScheduledItem.from_dict(item) for item in schedule.pieces]
    variants = [str(item.variant) for item in scheduled_items if item.variant]
    initial = {
        "kind": schedule.kind,
        "zone": schedule.zone,
        "profiles": schedule.profiles,
        "missed": schedule.missed,
        "ask_first": bool(schedule.ask_hours),
        "ask_hours": schedule.ask_hours or DEFAULT_HOURS,
        "name": schedule.name,
        "sends": CHOSEN if not variants else SINGLE if len(variants) == 1 else SET,
        "variants": variants,
        "anew": any(item.anew for item in scheduled_items),
    }
    rule = schedule.recurrence
    if isinstance(rule, Rotation):
        slots = [
            {**_initial_values_of_rule(item), "variant": str(scheduled_item.variant)}
            for item, scheduled_item in zip(rule.turns, scheduled_items, strict=True)
        ]
        return {**initial, "turns": slots, "until": rule.turns[0].until}
    return {**initial, **(_initial_values_of_rule(rule) if rule else {})}


def _initial_values_of_rule(rule: Rule) -> dict[str, Any]:
    return {
        "start": rule.start.date(),
        "at": rule.start.time(),
        "unit": rule.unit,
        "interval": rule.interval,
        "weekdays": [str(weekday) for weekday in rule.weekdays],
        "until": rule.until,
    }
