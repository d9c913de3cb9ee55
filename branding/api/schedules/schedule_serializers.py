"""Serializers of schedules, their runs, and the request that creates or changes a schedule."""

from typing import Any

from drf_spectacular.utils import extend_schema_field, extend_schema_serializer
from rest_framework import serializers

from branding.api.validation import (
    StrictBooleanField,
    StrictCharField,
    StrictChoiceField,
    StrictIntegerField,
    StrictSerializer,
    StrictUUIDField,
)
from integrations import recurrence
from integrations.models import Run, Schedule, ScheduledItem
from integrations.recurrence import Rotation, Rule, Unit
from integrations.scheduling import selectors as schedule_selectors
from integrations.scheduling.services import ScheduleSpec

UNITS = [unit.value for unit in Unit]
MINUTE_PATTERN = r"^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}$"
DAY_PATTERN = r"^\d{4}-\d{2}-\d{2}$"
REQUEST_EXAMPLE = {
    "kind": "every",
    "name": "Monthly",
    "sends": [{}],
    "turns": [{"start": "2027-03-01T09:00", "zone": "Europe/Berlin", "unit": "month"}],
}


@extend_schema_serializer(component_name="Turn")
class RecurrenceRuleSerializer(StrictSerializer):
    """A rule of recurrence in the local time of a zone."""

    start = serializers.RegexField(MINUTE_PATTERN, help_text="local time, such as 2027-03-01T09:00")
    zone = StrictCharField(max_length=60, help_text="a name of the IANA time zone database")
    unit = StrictChoiceField(choices=UNITS, default=Unit.ONCE.value)
    interval = StrictIntegerField(default=1, min_value=1, max_value=1000)
    weekdays = serializers.ListField(
        child=StrictIntegerField(min_value=0, max_value=6),
        default=list,
        max_length=7,
        help_text="Monday is 0; for weekly rules only",
    )
    until = serializers.RegexField(
        DAY_PATTERN, required=False, help_text="the last day; null if it never ends"
    )

    def build_rule(self, validated_data: dict[str, Any]) -> Rule:
        """Build the recurrence rule from validated data; BadRule if the fields contradict."""
        weekdays = sorted(set(validated_data["weekdays"]))
        rule = recurrence.parse_rule(
            {"until": None, "skips": [], **validated_data, "weekdays": weekdays}
        )
        assert isinstance(rule, Rule)  # these fields describe no rotation
        return rule


@extend_schema_serializer(component_name="Piece")
class ScheduledItemSerializer(StrictSerializer):
    """What a run publishes: each profile's choice or one headshot, as it is or rendered again."""

    variant = StrictUUIDField(required=False)
    anew = StrictBooleanField(default=False)


class ScheduleRequest(StrictSerializer):
    """When the schedule runs, what it publishes and where."""

    kind = StrictChoiceField(choices=Schedule.Kind.choices)
    turns = serializers.ListField(child=RecurrenceRuleSerializer(), default=list, max_length=50)
    sends = serializers.ListField(child=ScheduledItemSerializer(), min_length=1, max_length=50)
    profiles = serializers.ListField(
        child=StrictCharField(max_length=60),
        default=list,
        max_length=60,
        help_text="all of them if empty",
    )
    name = StrictCharField(default="", allow_blank=True, max_length=80)
    missed = StrictChoiceField(choices=Schedule.Missed.choices, default=Schedule.Missed.ONCE)
    ask_hours = StrictIntegerField(default=0, min_value=0, max_value=168)

    def build_spec(self) -> ScheduleSpec:
        """Build the specification of the schedule from the validated data.

        Raises BadRule if a rule makes no sense.
        """
        validated_data = self.validated_data
        rules = tuple(
            RecurrenceRuleSerializer().build_rule(rule_data)
            for rule_data in validated_data["turns"]
        )
        is_rotation = validated_data["kind"] == Schedule.Kind.ROTATION
        rule = Rotation(rules) if is_rotation else next(iter(rules), None)
        items = tuple(
            ScheduledItem(item.get("variant"), item["anew"]) for item in validated_data["sends"]
        )
        return ScheduleSpec(
            kind=validated_data["kind"],
            rule=rule,
            items=items,
            profiles=tuple(validated_data["profiles"]),
            name=validated_data["name"],
            missed=validated_data["missed"],
            ask_hours=validated_data["ask_hours"],
        )


@extend_schema_serializer(component_name="Planned")
class PlannedRunSerializer(serializers.Serializer[Any]):
    """A coming run."""

    wished_at = serializers.DateTimeField()
    planned_at = serializers.DateTimeField()
    expected_at = serializers.DateTimeField(
        help_text="when the last profile gets it; later than planned where a limit delays it"
    )


@extend_schema_serializer(component_name="Coming")
class UpcomingRunSerializer(PlannedRunSerializer):
    """A coming run of any schedule, and what it publishes."""

    schedule = serializers.UUIDField(source="schedule.pk")
    variant = serializers.UUIDField(
        source="item.variant", allow_null=True, help_text="null: what is chosen for each profile"
    )
    anew = serializers.BooleanField(source="item.anew")


class ScheduleSerializer(serializers.ModelSerializer[Schedule]):
    """A schedule and when it runs next."""

    rule = serializers.JSONField(read_only=True)
    pieces = serializers.JSONField(read_only=True)
    profiles = serializers.ListField(child=serializers.CharField(), read_only=True)

    class Meta:
        model = Schedule
        fields = (
            "id",
            "name",
            "kind",
            "state",
            "rule",
            "zone",
            "profiles",
            "pieces",
            "missed",
            "ask_hours",
            "created_at",
            "due_at",
            "next_run_at",
        )
        read_only_fields = fields


class RunSerializer(serializers.ModelSerializer[Run]):
    """One occurrence of a schedule; its publications have its id as their batch."""

    words = serializers.CharField(source="message", read_only=True)

    class Meta:
        model = Run
        fields: tuple[str, ...] = (
            "id",
            "schedule",
            "due_at",
            "planned_at",
            "state",
            "code",
            "words",
            "advice",
            "decide_by",
            "finished_at",
        )
        read_only_fields = fields


class SendingSerializer(serializers.Serializer[Any]):
    """What a run publishes to one profile."""

    profile = serializers.CharField(help_text="a connection's id, or the slug of a place")
    variant = serializers.UUIDField()


class RunDetailSerializer(RunSerializer):
    """A run with what it publishes where, as long as it is open."""

    sendings = serializers.SerializerMethodField()

    class Meta(RunSerializer.Meta):
        fields = (*RunSerializer.Meta.fields, "sendings")
        read_only_fields = fields

    @extend_schema_field(SendingSerializer(many=True))
    def get_sendings(self, run: Run) -> Any:
        """Return what the run would send as things are now; nothing once it is finished."""
        pairs = schedule_selectors.sendings_of(run) if run.is_open else []
        sending_data = [
            {"profile": profile.key, "variant": variant.pk} for profile, variant in pairs
        ]
        return SendingSerializer(sending_data, many=True).data


@extend_schema_serializer(component_name="Yes")
class RunAnswerRequest(StrictSerializer):
    """The answer to the question of a run."""

    yes = StrictBooleanField()


class ScheduleFilter(StrictSerializer):
    """Filters of the list of schedules."""

    kind = serializers.ChoiceField(choices=Schedule.Kind.choices, required=False)
    state = serializers.ChoiceField(choices=Schedule.State.choices, required=False)


class UpcomingRunFilter(StrictSerializer):
    """How many days ahead to list runs."""

    days = serializers.IntegerField(default=31, min_value=1, max_value=366)


class RunFilter(StrictSerializer):
    """Filters of the list of runs."""

    schedule = serializers.UUIDField(required=False)
    state = serializers.ChoiceField(choices=Run.State.choices, required=False)
