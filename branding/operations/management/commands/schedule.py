"""manage.py schedule: list, create and change the schedules of an account."""

from argparse import ArgumentParser
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from django.conf import settings

from branding.accounts.models import User
from branding.api.schedules.schedule_serializers import (
    PlannedSerializer,
    RunSerializer,
    ScheduleRequest,
    ScheduleSerializer,
)
from branding.operations.terminal import CODES, Answer, Verb
from headshots.selectors import variant_called, variants_of
from integrations import recurrence
from integrations.errors import BadSchedule
from integrations.models import Schedule
from integrations.scheduling import selectors as schedule_selectors
from integrations.scheduling import services as scheduling_services
from integrations.scheduling.selectors import Planned
from integrations.selectors import profiles_called

DAYS: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
ACTS: Final[Mapping[str, tuple[Callable[[Schedule], None], str, str]]] = {
    "pause": (scheduling_services.pause, "let nothing run until it is resumed", "It is paused."),
    "resume": (
        scheduling_services.resume,
        "let it run again, from now on",
        "It runs again from now on.",
    ),
    "skip": (scheduling_services.skip_next, "leave the next run out", "The next run is left out."),
    "end": (scheduling_services.end, "never run it again; what it did stays", "It is over."),
}
FIRST: Final = "2027-03-01T09:00"


class Command(Verb):
    help = "See, plan, pause, resume, skip, run or end what is sent by itself."

    def add_arguments(self, parser: ArgumentParser) -> None:
        verbs = parser.add_subparsers(dest="verb", required=True, metavar="VERB")

        def add_verb(name: str, words: str, *aliases: str) -> ArgumentParser:
            made = verbs.add_parser(
                name, aliases=aliases, help=words, description=words, epilog=CODES
            )
            super(Command, self).add_arguments(made)
            return made

        add_verb("list", "list every schedule")
        _add_plan(add_verb("create", "show the next ten runs of a plan, ask, and save it"))
        rest = {
            "show": "show a schedule and its next ten runs",
            "now": "play at once what the next run would",
            **{name: words for name, (_, words, _) in ACTS.items()},
        }
        for name, words in rest.items():
            aliases = ("delete",) if name == "end" else ()
            add_verb(name, words, *aliases).add_argument("id", type=UUID, metavar="ID")

    def act(self, owner: User, options: Mapping[str, Any]) -> Answer:
        """Perform the subcommand."""
        verb = {"delete": "end"}.get(options["verb"], options["verb"])
        if verb == "list":
            return self._list(owner)
        if verb == "create":
            return self._create(owner, options)
        found = schedule_selectors.schedule_for(owner, options["id"])
        if verb == "show":
            return self._show(found)
        return self._run(found) if verb == "now" else self._change(found, verb)

    def _list(self, owner: User) -> Answer:
        found = list(schedule_selectors.schedules_of(owner))
        for one in found:
            self.say(_line(one))
        if not found:
            self.say("Nothing is planned.")
        return Answer(ScheduleSerializer(found, many=True).data)

    def _show(self, found: Schedule) -> Answer:
        coming = schedule_selectors.next_runs(found)
        self.say(_line(found))
        self._say_runs(found, coming)
        return Answer({"schedule": ScheduleSerializer(found).data, "next": _told(coming)})

    def _create(self, owner: User, options: Mapping[str, Any]) -> Answer:
        """Show the next runs of a schedule, ask for confirmation, and save it."""
        wish = ScheduleRequest(data=_wish(owner, options))
        wish.is_valid(raise_exception=True)
        plan = wish.plan()
        draft = scheduling_services.draft(owner, plan)
        coming = schedule_selectors.next_runs(draft)
        self._say_runs(draft, coming)
        if not (options["yes"] or self.ask("Save it? [y/N] ").lower() in ("y", "yes")):
            self.say("Nothing was saved.")
            return Answer({"schedule": None, "next": _told(coming)}, whole=False)
        made = scheduling_services.create(owner, plan)
        self.say(f"Saved: {made.pk}")
        runs = schedule_selectors.next_runs(made)  # now with the delay that spreads runs
        return Answer({"schedule": ScheduleSerializer(made).data, "next": _told(runs)})

    def _run(self, found: Schedule) -> Answer:
        run = scheduling_services.run_now(found)
        self.say("A worker plays it now; the next run stays as it is planned.")
        return Answer(RunSerializer(run).data)

    def _change(self, found: Schedule, verb: str) -> Answer:
        do, _, words = ACTS[verb]
        do(found)
        self.say(words)
        self.say(_line(found))
        return Answer(ScheduleSerializer(found).data)

    def _say_runs(self, schedule: Schedule, coming: list[Planned]) -> None:
        """Print planned runs in the schedule's time zone, with the headshot of each."""
        if schedule.kind == Schedule.Kind.PHOTO:
            self.say("  after each new selfie")
        shown = variants_of(schedule.owner).in_bulk({one.piece.variant for one in coming})
        for one in coming:
            variant = shown.get(one.piece.variant)
            what = f"{variant.label} {variant.title}" if variant else "what is chosen"
            anew = ", made anew" * one.piece.anew
            self.say(f"  {_shown(one.wished_at)}  {what}{anew}")
        if coming and schedule.spread:
            spread = settings.SCHEDULE_SPREAD_SECONDS
            self.say(f"  each at most {spread} s later: not everybody at once")


def _add_plan(parser: ArgumentParser) -> None:
    add = parser.add_argument
    when = parser.add_mutually_exclusive_group(required=True)
    when.add_argument("--start", metavar="TIME", help=f"the first run on the local clock: {FIRST}")
    when.add_argument(
        "--turn",
        nargs=2,
        action="append",
        default=[],
        metavar=("TIME", "HEADSHOT"),
        help="the first run of one headshot of a rotation; again for the next headshot",
    )
    when.add_argument("--after-selfie", action="store_true", help="after each new selfie")
    add("--zone", default="UTC", help="whose clock: Europe/Berlin; UTC if left out")
    add("--every", nargs=2, metavar=("N", "UNIT"), help="again: 1 day, 2 weeks, 3 months")
    add("--weekdays", nargs="+", choices=DAYS, default=[], metavar="DAY", help="of weeks: mon fri")
    add("--until", metavar="DATE", help="the last day, if it ends: 2027-12-31")
    add(
        "--variant",
        nargs="+",
        default=[],
        metavar="HEADSHOT",
        help="by number on the film or id, one after the other; what is chosen if left out",
    )
    add("--anew", action="store_true", help="made anew from the newest photo")
    add("--places", nargs="+", default=[], metavar="PLACE", help="or accounts; all if left out")
    add("--name", default="")
    add("--missed", choices=Schedule.Missed.values, default="once", help="if Facet was off then")
    add("--ask-hours", type=int, default=0, metavar="HOURS", help="ask first, and wait so long")
    add("--yes", action="store_true", help="save it without asking")


def _wish(owner: User, options: Mapping[str, Any]) -> dict[str, Any]:
    """Return the options as an API request, whose serializer validates them."""
    turns = options["turn"]
    if turns and options["variant"]:
        raise BadSchedule("Each turn names its own headshot.", advice="Leave --variant out.")
    names = [name for _, name in turns] or options["variant"]
    sent = [{"variant": str(variant_called(owner, name).pk)} for name in names] or [{}]
    return {
        "kind": _kind(options),
        "turns": _turns(options),
        "sends": [{**item, "anew": options["anew"]} for item in sent],
        "profiles": [one.key for one in profiles_called(owner, options["places"])],
        "name": options["name"],
        "missed": options["missed"],
        "ask_hours": options["ask_hours"],
    }


def _kind(options: Mapping[str, Any]) -> str:
    if options["turn"]:
        return Schedule.Kind.ROTATION
    if options["after_selfie"]:
        return Schedule.Kind.PHOTO
    return Schedule.Kind.EVERY if options["every"] else Schedule.Kind.DATE


def _turns(options: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return a recurrence rule for each start; none for a schedule after each new photo."""
    if options["after_selfie"]:
        if options["every"] or options["weekdays"] or options["until"]:
            raise BadSchedule("A new selfie comes when it comes.", advice="Leave the dates out.")
        return []
    number, unit = options["every"] or ("1", "once")
    rule = {
        "zone": options["zone"],
        "unit": unit.removesuffix("s"),
        "interval": int(number) if number.isdecimal() else number,
        "weekdays": [DAYS.index(day) for day in options["weekdays"]],
        **({"until": options["until"]} if options["until"] else {}),
    }
    starts = [start for start, _ in options["turn"]] or [options["start"]]
    return [{**rule, "start": start} for start in starts]


def _told(coming: list[Planned]) -> Any:
    return PlannedSerializer(coming, many=True).data


def _line(one: Schedule) -> str:
    """Describe a schedule in one line, with its next run in its own time zone."""
    told = [str(one.get_kind_display()), str(one.get_state_display())]
    if one.due_at:
        told.append(f"next {_shown(one.due_at.astimezone(recurrence.zone(one.zone)))}")
    return f"{one.pk}  {', '.join(told)}  {one.name}".rstrip()


def _shown(moment: datetime) -> str:
    return f"{moment:%a %Y-%m-%d %H:%M %Z}"
