"""manage.py schedule: list, create and change the schedules of an account."""

from argparse import ArgumentParser
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from django.conf import settings

from branding.accounts.models import User
from branding.api.schedules.schedule_serializers import (
    PlannedRunSerializer,
    RunSerializer,
    ScheduleRequest,
    ScheduleSerializer,
)
from branding.operations.account_command import EXIT_CODES_HELP, AccountCommand, CommandResult
from headshots.selectors import variant_by_name, variants_of
from integrations import recurrence
from integrations.errors import BadSchedule
from integrations.models import Schedule
from integrations.scheduling import selectors as schedule_selectors
from integrations.scheduling import services as scheduling_services
from integrations.scheduling.selectors import PlannedRun
from integrations.selectors import profiles_matching

WEEKDAYS: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
CHANGES: Final[Mapping[str, tuple[Callable[[Schedule], None], str, str]]] = {
    "pause": (
        scheduling_services.pause_schedule,
        "let nothing run until it is resumed",
        "It is paused.",
    ),
    "resume": (
        scheduling_services.resume_schedule,
        "let it run again, from now on",
        "It runs again from now on.",
    ),
    "skip": (
        scheduling_services.skip_next_run,
        "leave the next run out",
        "The next run is left out.",
    ),
    "end": (
        scheduling_services.end_schedule,
        "never run it again; what it did stays",
        "It is over.",
    ),
}
EXAMPLE_START: Final = "2027-03-01T09:00"


class Command(AccountCommand):
    help = "See, plan, pause, resume, skip, run or end what is sent by itself."

    def add_arguments(self, parser: ArgumentParser) -> None:
        subparsers = parser.add_subparsers(dest="verb", required=True, metavar="VERB")
        self._add_verb(subparsers, "list", "list every schedule")
        create_parser = self._add_verb(
            subparsers, "create", "show the next ten runs of a plan, ask, and save it"
        )
        _add_start_arguments(create_parser)
        _add_repetition_arguments(create_parser)
        _add_publication_arguments(create_parser)
        verb_descriptions = {
            "show": "show a schedule and its next ten runs",
            "now": "play at once what the next run would",
            **{name: description for name, (_, description, _) in CHANGES.items()},
        }
        for name, description in verb_descriptions.items():
            aliases = ("delete",) if name == "end" else ()
            verb_parser = self._add_verb(subparsers, name, description, *aliases)
            verb_parser.add_argument("id", type=UUID, metavar="ID")

    def _add_verb(
        self, subparsers: Any, name: str, description: str, *aliases: str
    ) -> ArgumentParser:
        """Add a verb that takes the arguments that every verb takes, and return its parser."""
        verb_parser = subparsers.add_parser(
            name, aliases=aliases, help=description, description=description, epilog=EXIT_CODES_HELP
        )
        super().add_arguments(verb_parser)
        return verb_parser

    def run_for_account(self, owner: User, options: Mapping[str, Any]) -> CommandResult:
        """Perform the subcommand."""
        verb = {"delete": "end"}.get(options["verb"], options["verb"])
        if verb == "list":
            return self._list_schedules(owner)
        if verb == "create":
            return self._create_schedule(owner, options)
        schedule = schedule_selectors.schedule_for(owner, options["id"])
        if verb == "show":
            return self._show_schedule(schedule)
        return self._run_now(schedule) if verb == "now" else self._change_schedule(schedule, verb)

    def _list_schedules(self, owner: User) -> CommandResult:
        schedules = list(schedule_selectors.schedules_of(owner))
        for schedule in schedules:
            self.print_line(_describe_schedule(schedule))
        if not schedules:
            self.print_line("Nothing is planned.")
        return CommandResult(ScheduleSerializer(schedules, many=True).data)

    def _show_schedule(self, schedule: Schedule) -> CommandResult:
        planned_runs = schedule_selectors.next_runs(schedule)
        self.print_line(_describe_schedule(schedule))
        self._print_runs(schedule, planned_runs)
        return CommandResult(
            {"schedule": ScheduleSerializer(schedule).data, "next": _serialize_runs(planned_runs)}
        )

    def _create_schedule(self, owner: User, options: Mapping[str, Any]) -> CommandResult:
        """Show the next runs of a schedule, ask for confirmation, and save it."""
        schedule_request = ScheduleRequest(data=_schedule_request(owner, options))
        schedule_request.is_valid(raise_exception=True)
        schedule_spec = schedule_request.build_spec()
        draft = scheduling_services.draft_schedule(owner, schedule_spec)
        planned_runs = schedule_selectors.next_runs(draft)
        self._print_runs(draft, planned_runs)
        if not (options["yes"] or self.ask_question("Save it? [y/N] ").lower() in ("y", "yes")):
            self.print_line("Nothing was saved.")
            return CommandResult(
                {"schedule": None, "next": _serialize_runs(planned_runs)}, is_complete=False
            )
        schedule = scheduling_services.create_schedule(owner, schedule_spec)
        self.print_line(f"Saved: {schedule.pk}")
        saved_runs = schedule_selectors.next_runs(schedule)  # now with the delay that spreads runs
        return CommandResult(
            {"schedule": ScheduleSerializer(schedule).data, "next": _serialize_runs(saved_runs)}
        )

    def _run_now(self, schedule: Schedule) -> CommandResult:
        run = scheduling_services.run_now(schedule)
        self.print_line("A worker plays it now; the next run stays as it is planned.")
        return CommandResult(RunSerializer(run).data)

    def _change_schedule(self, schedule: Schedule, verb: str) -> CommandResult:
        apply_change, _, message = CHANGES[verb]
        apply_change(schedule)
        self.print_line(message)
        self.print_line(_describe_schedule(schedule))
        return CommandResult(ScheduleSerializer(schedule).data)

    def _print_runs(self, schedule: Schedule, planned_runs: list[PlannedRun]) -> None:
        """Print planned runs in the schedule's time zone, with the headshot of each."""
        if schedule.kind == Schedule.Kind.PHOTO:
            self.print_line("  after each new selfie")
        variants = variants_of(schedule.owner).in_bulk(
            {planned_run.item.variant for planned_run in planned_runs}
        )
        for planned_run in planned_runs:
            variant = variants.get(planned_run.item.variant)
            headshot = f"{variant.label} {variant.title}" if variant else "what is chosen"
            suffix = ", made anew" * planned_run.item.anew
            if planned_run.delayed_until:
                suffix += f", delayed until {_format_moment(planned_run.delayed_until)}"
            self.print_line(f"  {_format_moment(planned_run.wished_at)}  {headshot}{suffix}")
        if planned_runs and schedule.spread:
            spread = settings.SCHEDULE_SPREAD_SECONDS
            self.print_line(f"  each at most {spread} s later: not everybody at once")


def _add_start_arguments(parser: ArgumentParser) -> None:
    """Add the options for when a schedule starts; one of them is required."""
    start_options = parser.add_mutually_exclusive_group(required=True)
    start_options.add_argument(
        "--start", metavar="TIME", help=f"the first run on the local clock: {EXAMPLE_START}"
    )
    start_options.add_argument(
        "--turn",
        nargs=2,
        action="append",
        default=[],
        metavar=("TIME", "HEADSHOT"),
        help="the first run of one headshot of a rotation; again for the next headshot",
    )
    start_options.add_argument("--after-selfie", action="store_true", help="after each new selfie")


def _add_repetition_arguments(parser: ArgumentParser) -> None:
    """Add the options for the clock of a schedule, and how often and how long it runs."""
    add_argument = parser.add_argument
    add_argument("--zone", default="UTC", help="whose clock: Europe/Berlin; UTC if left out")
    add_argument("--every", nargs=2, metavar=("N", "UNIT"), help="again: 1 day, 2 weeks, 3 months")
    add_argument(
        "--weekdays",
        nargs="+",
        choices=WEEKDAYS,
        default=[],
        metavar="DAY",
        help="of weeks: mon fri",
    )
    add_argument("--until", metavar="DATE", help="the last day, if it ends: 2027-12-31")


def _add_publication_arguments(parser: ArgumentParser) -> None:
    """Add the options for what a schedule publishes, where, and whether it asks before."""
    add_argument = parser.add_argument
    add_argument(
        "--variant",
        nargs="+",
        default=[],
        metavar="HEADSHOT",
        help="by number on the film or id, one after the other; what is chosen if left out",
    )
    add_argument("--anew", action="store_true", help="made anew from the newest photo")
    add_argument(
        "--places", nargs="+", default=[], metavar="PLACE", help="or accounts; all if left out"
    )
    add_argument("--name", default="")
    add_argument(
        "--missed", choices=Schedule.Missed.values, default="once", help="if Facet was off then"
    )
    add_argument(
        "--ask-hours", type=int, default=0, metavar="HOURS", help="ask first, and wait so long"
    )
    add_argument("--yes", action="store_true", help="save it without asking")


def _schedule_request(owner: User, options: Mapping[str, Any]) -> dict[str, Any]:
    """Return the options as an API request, whose serializer validates them."""
    rotation_turns = options["turn"]
    if rotation_turns and options["variant"]:
        raise BadSchedule("Each turn names its own headshot.", advice="Leave --variant out.")
    headshot_names = [name for _, name in rotation_turns] or options["variant"]
    items = [{"variant": str(variant_by_name(owner, name).pk)} for name in headshot_names] or [{}]
    return {
        "kind": _schedule_kind(options),
        "turns": _schedule_rules(options),
        "sends": [{**item, "anew": options["anew"]} for item in items],
        "profiles": [profile.key for profile in profiles_matching(owner, options["places"])],
        "name": options["name"],
        "missed": options["missed"],
        "ask_hours": options["ask_hours"],
    }


def _schedule_kind(options: Mapping[str, Any]) -> str:
    if options["turn"]:
        return Schedule.Kind.ROTATION
    if options["after_selfie"]:
        return Schedule.Kind.PHOTO
    return Schedule.Kind.EVERY if options["every"] else Schedule.Kind.DATE


def _schedule_rules(options: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return a recurrence rule for each start; none for a schedule after each new photo."""
    if options["after_selfie"]:
        if options["every"] or options["weekdays"] or options["until"]:
            raise BadSchedule("A new selfie comes when it comes.", advice="Leave the dates out.")
        return []
    interval, unit = options["every"] or ("1", "once")
    rule = {
        "zone": options["zone"],
        "unit": unit.removesuffix("s"),
        "interval": int(interval) if interval.isdecimal() else interval,
        "weekdays": [WEEKDAYS.index(day) for day in options["weekdays"]],
        **({"until": options["until"]} if options["until"] else {}),
    }
    starts = [start for start, _ in options["turn"]] or [options["start"]]
    return [{**rule, "start": start} for start in starts]


def _serialize_runs(planned_runs: list[PlannedRun]) -> Any:
    return PlannedRunSerializer(planned_runs, many=True).data


def _describe_schedule(schedule: Schedule) -> str:
    """Describe a schedule in one line, with its next run in its own time zone."""
    details = [str(schedule.get_kind_display()), str(schedule.get_state_display())]
    if schedule.due_at:
        next_run = schedule.due_at.astimezone(recurrence.load_zone(schedule.zone))
        details.append(f"next {_format_moment(next_run)}")
    return f"{schedule.pk}  {', '.join(details)}  {schedule.name}".rstrip()


def _format_moment(moment: datetime) -> str:
    return f"{moment:%a %Y-%m-%d %H:%M %Z}"
