"""API views of schedules and their runs: create, preview, pause, skip, run and end them."""

from datetime import timedelta
from itertools import islice
from typing import Any, Final
from uuid import UUID

from django.utils import timezone
from rest_framework.request import Request
from rest_framework.response import Response

from branding.api.idempotency import once
from branding.api.models import Scope
from branding.api.schedules.schedule_serializers import (
    ASKED,
    PlannedSerializer,
    RunAnswerRequest,
    RunDetailSerializer,
    RunQuery,
    RunSerializer,
    ScheduleQuery,
    ScheduleRequest,
    ScheduleSerializer,
    UpcomingRunQuery,
    UpcomingRunSerializer,
)
from branding.api.schema import MATCH, ONCE, listing, operation
from branding.api.validation import valid
from branding.api.views import Item, Listed, Operation
from headshots.errors import NotReady
from integrations.scheduling import runs
from integrations.scheduling import selectors as schedule_selectors
from integrations.scheduling import services as scheduling_services
from integrations.scheduling.services import Plan

COMING: Final = {
    "schedule": "1c2f0d6e-9c55-4b0e-9a6b-2f0a3f2f7c10",
    "variant": None,
    "anew": False,
    "wished_at": "2027-03-01T08:00:00Z",
    "planned_at": "2027-03-01T08:07:00Z",
}
MOST: Final = 1000  # runs in one answer


def _plan(request: Request) -> Plan:
    """Read the specification of a schedule from the body of a request."""
    told = ScheduleRequest(data=request.data)
    told.is_valid(raise_exception=True)
    return told.plan()


class Schedules(Listed):
    """List the caller's schedules, or create one."""

    serializer_class = ScheduleSerializer
    ordering = ("-created_at",)
    query = ScheduleQuery
    scope = Scope.PUBLISH

    def mine(self, owner: Any) -> Any:
        """Select the owner's schedules."""
        return schedule_selectors.schedules_of(owner)

    @listing("List schedules, newest first", ScheduleSerializer(many=True), ScheduleQuery)
    def get(self, request: Request) -> Response:
        """Return one page of schedules."""
        return self.list(request)

    @operation(
        "Plan what is sent by itself",
        ScheduleSerializer,
        request=ScheduleRequest,
        status=201,
        refused=(404, 409, 415, 422),
        parameters=(ONCE,),
        asked=ASKED,
    )
    @once
    def post(self, request: Request) -> Response:
        """Create the schedule; it is active at once."""
        made = scheduling_services.create(request.user, _plan(request))
        headers = {"Location": f"/api/v1/schedules/{made.pk}"}
        return Response(ScheduleSerializer(made).data, status=201, headers=headers)


class Drafts(Operation):
    """Preview a schedule without saving it."""

    scope = Scope.READ

    @operation(
        "See the next ten runs of a plan; nothing is saved",
        PlannedSerializer(many=True),
        request=ScheduleRequest,
        refused=(404, 409, 415, 422),
        asked=ASKED,
    )
    def post(self, request: Request) -> Response:
        """Return its next ten runs, in UTC."""
        draft = scheduling_services.draft(request.user, _plan(request))
        return Response(PlannedSerializer(schedule_selectors.next_runs(draft), many=True).data)


class One(Item):
    """Read, change or end one schedule."""

    serializer_class = ScheduleSerializer
    scope = Scope.PUBLISH

    def found(self, pk: Any = None) -> Any:
        """Return the caller's schedule with this id."""
        return schedule_selectors.schedule_for(self.request.user, pk)

    @operation("See a schedule", ScheduleSerializer, refused=(404,))
    def get(self, request: Request, pk: UUID) -> Response:
        """Return the schedule with its ETag."""
        return super().get(request, pk)

    @operation(
        "Give a schedule another plan",
        ScheduleSerializer,
        request=ScheduleRequest,
        refused=(404, 409, 412, 415, 422),
        parameters=(MATCH,),
        asked=ASKED,
    )
    def put(self, request: Request, pk: UUID) -> Response:
        """Replace the whole specification; runs that happened are kept."""
        found = self.still(self.found(pk))
        scheduling_services.change(found, _plan(request))
        return self.answer(found)

    @operation("End a schedule", None, status=204, refused=(404, 412), parameters=(MATCH,))
    def delete(self, request: Request, pk: UUID) -> Response:
        """End the schedule; its row and its runs are kept."""
        scheduling_services.end(self.still(self.found(pk)))
        return Response(status=204)


class Upcoming(Operation):
    """List the next runs of one schedule."""

    @operation("See the next ten runs of a schedule", PlannedSerializer(many=True), refused=(404,))
    def get(self, request: Request, pk: UUID) -> Response:
        """Return the next ten runs, in UTC."""
        found = schedule_selectors.schedule_for(request.user, pk)
        return Response(PlannedSerializer(schedule_selectors.next_runs(found), many=True).data)


class Pause(Operation):
    """Pause one schedule."""

    scope = Scope.PUBLISH

    @operation("Pause a schedule", ScheduleSerializer, refused=(404,))
    def post(self, request: Request, pk: UUID) -> Response:
        """Pause it; runs that fall into the pause do not count as missed."""
        found = schedule_selectors.schedule_for(request.user, pk)
        scheduling_services.pause(found)
        return Response(ScheduleSerializer(found).data)


class Resume(Operation):
    """Resume one schedule."""

    scope = Scope.PUBLISH

    @operation("Let a paused schedule run again", ScheduleSerializer, refused=(404,))
    def post(self, request: Request, pk: UUID) -> Response:
        """Resume it from now on."""
        found = schedule_selectors.schedule_for(request.user, pk)
        scheduling_services.resume(found)
        return Response(ScheduleSerializer(found).data)


class Skip(Operation):
    """Skip the next run of one schedule."""

    scope = Scope.PUBLISH

    @operation(
        "Leave the next run out", ScheduleSerializer, refused=(404, 409, 422), parameters=(ONCE,)
    )
    @once
    def post(self, request: Request, pk: UUID) -> Response:
        """Skip the next run only."""
        found = schedule_selectors.schedule_for(request.user, pk)
        scheduling_services.skip_next(found)
        return Response(ScheduleSerializer(found).data)


class RunNow(Operation):
    """Run one schedule now."""

    scope = Scope.PUBLISH

    @operation(
        "Play at once what the next run would",
        RunSerializer,
        status=202,
        refused=(404,),
        parameters=(ONCE,),
    )
    @once
    def post(self, request: Request, pk: UUID) -> Response:
        """Start an additional run; the next planned one is not changed."""
        run = scheduling_services.run_now(schedule_selectors.schedule_for(request.user, pk))
        return Response(RunSerializer(run).data, status=202)


class Coming(Operation):
    """List the upcoming runs of all schedules."""

    @operation(
        "See what every schedule will do, earliest first; at most a thousand runs",
        UpcomingRunSerializer(many=True),
        parameters=(UpcomingRunQuery,),
        example=COMING,
    )
    def get(self, request: Request) -> Response:
        """Return the runs until `days` from now, in UTC; at most MAX_UPCOMING_RUNS."""
        told = valid(UpcomingRunQuery, request.query_params)
        until = timezone.now() + timedelta(days=told["days"])
        found = islice(schedule_selectors.coming_up(request.user, until=until), MOST)
        return Response(UpcomingRunSerializer(found, many=True).data)


class Runs(Listed):
    """List the runs of the caller's schedules."""

    serializer_class = RunSerializer
    ordering = ("-due_at",)
    query = RunQuery

    def mine(self, owner: Any) -> Any:
        """Select the runs of the owner's schedules."""
        return schedule_selectors.runs_of(owner)

    @listing("List runs of schedules, newest first", RunSerializer(many=True), RunQuery)
    def get(self, request: Request) -> Response:
        """Return one page of runs."""
        return self.list(request)


class OneRun(Item):
    """Read one run and what it sends."""

    serializer_class = RunDetailSerializer

    def found(self, pk: Any = None) -> Any:
        """Return the caller's run with this id."""
        return schedule_selectors.run_for(self.request.user, pk)

    @operation("See a run and what it sends where", RunDetailSerializer, refused=(404,))
    def get(self, request: Request, pk: UUID) -> Response:
        """Return the run with its ETag."""
        return super().get(request, pk)


class Answer(Operation):
    """Answer the question that a schedule asks before it sends."""

    scope = Scope.PUBLISH

    @operation(
        "Say yes or no to what a run would send",
        RunDetailSerializer,
        request=RunAnswerRequest,
        refused=(404, 409, 415),
        asked={"yes": True},
    )
    def post(self, request: Request, pk: UUID) -> Response:
        """Let the run continue, or skip it; NotReady (409) if it asks nothing."""
        run = schedule_selectors.run_for(request.user, pk)
        told = valid(RunAnswerRequest, request.data)
        decide = runs.agree if told["yes"] else runs.decline
        if not decide(run):
            raise NotReady("This run asks nothing (any more).", advice="See its `state`.")
        return Response(RunDetailSerializer(schedule_selectors.run_for(request.user, pk)).data)
