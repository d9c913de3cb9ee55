"""API views of schedules and their runs: create, preview, pause, skip, run and end them."""

from datetime import timedelta
from itertools import islice
from typing import Any, Final
from uuid import UUID

from django.utils import timezone
from rest_framework.request import Request
from rest_framework.response import Response

from branding.accounts.models import User
from branding.api.authentication import ApiRequest
from branding.api.idempotency import idempotent
from branding.api.models import Scope
from branding.api.schedules.schedule_serializers import (
    REQUEST_EXAMPLE,
    PlannedRunSerializer,
    RunAnswerRequest,
    RunDetailSerializer,
    RunFilter,
    RunSerializer,
    ScheduleFilter,
    ScheduleRequest,
    ScheduleSerializer,
    UpcomingRunFilter,
    UpcomingRunSerializer,
)
from branding.api.schema import IDEMPOTENCY_KEY, IF_MATCH, describe_list, describe_operation
from branding.api.validation import validate_data
from branding.api.views import ApiView, OwnedDetailView, OwnedListView
from headshots.errors import NotReady
from integrations.scheduling import runs
from integrations.scheduling import selectors as schedule_selectors
from integrations.scheduling import services as scheduling_services
from integrations.scheduling.services import ScheduleSpec

UPCOMING_RUN_EXAMPLE: Final = {
    "schedule": "1c2f0d6e-9c55-4b0e-9a6b-2f0a3f2f7c10",
    "variant": None,
    "anew": False,
    "wished_at": "2027-03-01T08:00:00Z",
    "planned_at": "2027-03-01T08:07:00Z",
    "expected_at": "2027-03-01T08:07:00Z",
}
MAX_UPCOMING_RUNS: Final = 1000  # runs in one answer


def _read_spec(request: ApiRequest) -> ScheduleSpec:
    """Read the specification of a schedule from the body of a request."""
    serializer = ScheduleRequest(data=request.data)
    serializer.is_valid(raise_exception=True)
    return serializer.build_spec()


class ScheduleList(OwnedListView):
    """List the caller's schedules, or create one."""

    serializer_class = ScheduleSerializer
    ordering = ("-created_at",)
    filter_class = ScheduleFilter
    scope = Scope.PUBLISH

    def select_owned(self, owner: User) -> Any:
        """Select the owner's schedules."""
        return schedule_selectors.schedules_of(owner)

    @describe_list("List schedules, newest first", ScheduleSerializer(many=True), ScheduleFilter)
    def get(self, request: Request) -> Response:
        """Return one page of schedules."""
        return self.list(request)

    @describe_operation(
        "Create a schedule",
        ScheduleSerializer,
        request=ScheduleRequest,
        status=201,
        error_statuses=(404, 409, 415, 422),
        parameters=(IDEMPOTENCY_KEY,),
        request_example=REQUEST_EXAMPLE,
    )
    @idempotent
    def post(self, request: ApiRequest) -> Response:
        """Create the schedule; it is active at once."""
        schedule = scheduling_services.create_schedule(request.user, _read_spec(request))
        headers = {"Location": f"/api/v1/schedules/{schedule.pk}"}
        return Response(ScheduleSerializer(schedule).data, status=201, headers=headers)


class ScheduleDraft(ApiView):
    """Preview a schedule without saving it."""

    scope = Scope.READ

    @describe_operation(
        "Preview the next ten runs of a schedule without saving it",
        PlannedRunSerializer(many=True),
        request=ScheduleRequest,
        error_statuses=(404, 409, 415, 422),
        request_example=REQUEST_EXAMPLE,
    )
    def post(self, request: ApiRequest) -> Response:
        """Return its next ten runs, in UTC."""
        draft = scheduling_services.draft_schedule(request.user, _read_spec(request))
        return Response(PlannedRunSerializer(schedule_selectors.next_runs(draft), many=True).data)


class ScheduleDetail(OwnedDetailView):
    """Read, change or end one schedule."""

    serializer_class = ScheduleSerializer
    scope = Scope.PUBLISH

    def get_object(self, pk: Any = None) -> Any:
        """Return the caller's schedule with this id."""
        return schedule_selectors.schedule_for(self.request.user, pk)

    @describe_operation("See a schedule", ScheduleSerializer, error_statuses=(404,))
    def get(self, request: ApiRequest, pk: UUID) -> Response:
        """Return the schedule with its ETag."""
        return super().get(request, pk)

    @describe_operation(
        "Replace a schedule",
        ScheduleSerializer,
        request=ScheduleRequest,
        error_statuses=(404, 409, 412, 415, 422),
        parameters=(IF_MATCH,),
        request_example=REQUEST_EXAMPLE,
    )
    def put(self, request: ApiRequest, pk: UUID) -> Response:
        """Replace the whole specification; runs that happened are kept."""
        schedule = self.require_match(self.get_object(pk))
        scheduling_services.change_schedule(schedule, _read_spec(request))
        return self.build_response(schedule)

    @describe_operation(
        "End a schedule", None, status=204, error_statuses=(404, 412), parameters=(IF_MATCH,)
    )
    def delete(self, request: ApiRequest, pk: UUID) -> Response:
        """End the schedule; its row and its runs are kept."""
        scheduling_services.end_schedule(self.require_match(self.get_object(pk)))
        return Response(status=204)


class ScheduleUpcomingRuns(ApiView):
    """List the next runs of one schedule."""

    @describe_operation(
        "See the next ten runs of a schedule",
        PlannedRunSerializer(many=True),
        error_statuses=(404,),
    )
    def get(self, request: ApiRequest, pk: UUID) -> Response:
        """Return the next ten runs, in UTC."""
        schedule = schedule_selectors.schedule_for(request.user, pk)
        return Response(
            PlannedRunSerializer(schedule_selectors.next_runs(schedule), many=True).data
        )


class SchedulePause(ApiView):
    """Pause one schedule."""

    scope = Scope.PUBLISH

    @describe_operation("Pause a schedule", ScheduleSerializer, error_statuses=(404,))
    def post(self, request: ApiRequest, pk: UUID) -> Response:
        """Pause it; runs that fall into the pause do not count as missed."""
        schedule = schedule_selectors.schedule_for(request.user, pk)
        scheduling_services.pause_schedule(schedule)
        return Response(ScheduleSerializer(schedule).data)


class ScheduleResume(ApiView):
    """Resume one schedule."""

    scope = Scope.PUBLISH

    @describe_operation("Resume a schedule", ScheduleSerializer, error_statuses=(404,))
    def post(self, request: ApiRequest, pk: UUID) -> Response:
        """Resume it from now on."""
        schedule = schedule_selectors.schedule_for(request.user, pk)
        scheduling_services.resume_schedule(schedule)
        return Response(ScheduleSerializer(schedule).data)


class ScheduleSkip(ApiView):
    """Skip the next run of one schedule."""

    scope = Scope.PUBLISH

    @describe_operation(
        "Skip the next run of a schedule",
        ScheduleSerializer,
        error_statuses=(404, 409, 422),
        parameters=(IDEMPOTENCY_KEY,),
    )
    @idempotent
    def post(self, request: ApiRequest, pk: UUID) -> Response:
        """Skip the next run only."""
        schedule = schedule_selectors.schedule_for(request.user, pk)
        scheduling_services.skip_next_run(schedule)
        return Response(ScheduleSerializer(schedule).data)


class ScheduleRunNow(ApiView):
    """Run one schedule now."""

    scope = Scope.PUBLISH

    @describe_operation(
        "Run a schedule now",
        RunSerializer,
        status=202,
        error_statuses=(404,),
        parameters=(IDEMPOTENCY_KEY,),
    )
    @idempotent
    def post(self, request: ApiRequest, pk: UUID) -> Response:
        """Start an additional run; the next planned one is not changed."""
        run = scheduling_services.run_now(schedule_selectors.schedule_for(request.user, pk))
        return Response(RunSerializer(run).data, status=202)


class UpcomingRunList(ApiView):
    """List the upcoming runs of all schedules."""

    @describe_operation(
        "List the coming runs of every schedule, earliest first",
        UpcomingRunSerializer(many=True),
        parameters=(UpcomingRunFilter,),
        response_example=UPCOMING_RUN_EXAMPLE,
    )
    def get(self, request: ApiRequest) -> Response:
        """Return the runs until `days` from now, in UTC; at most a thousand."""
        validated_data = validate_data(UpcomingRunFilter, request.query_params)
        until = timezone.now() + timedelta(days=validated_data["days"])
        upcoming_runs = islice(
            schedule_selectors.upcoming_runs(request.user, until=until), MAX_UPCOMING_RUNS
        )
        return Response(UpcomingRunSerializer(upcoming_runs, many=True).data)


class RunList(OwnedListView):
    """List the runs of the caller's schedules."""

    serializer_class = RunSerializer
    ordering = ("-due_at",)
    filter_class = RunFilter

    def select_owned(self, owner: User) -> Any:
        """Select the runs of the owner's schedules."""
        return schedule_selectors.runs_of(owner)

    @describe_list("List runs of schedules, newest first", RunSerializer(many=True), RunFilter)
    def get(self, request: Request) -> Response:
        """Return one page of runs."""
        return self.list(request)


class RunDetail(OwnedDetailView):
    """Read one run and what it sends."""

    serializer_class = RunDetailSerializer

    def get_object(self, pk: Any = None) -> Any:
        """Return the caller's run with this id."""
        return schedule_selectors.run_for(self.request.user, pk)

    @describe_operation(
        "See a run and what it publishes", RunDetailSerializer, error_statuses=(404,)
    )
    def get(self, request: ApiRequest, pk: UUID) -> Response:
        """Return the run with its ETag."""
        return super().get(request, pk)


class RunAnswer(ApiView):
    """Answer the question that a schedule asks before it sends."""

    scope = Scope.PUBLISH

    @describe_operation(
        "Approve or reject what a run would publish",
        RunDetailSerializer,
        request=RunAnswerRequest,
        error_statuses=(404, 409, 415),
        request_example={"yes": True},
    )
    def post(self, request: ApiRequest, pk: UUID) -> Response:
        """Let the run continue, or skip it; 409 if it asks nothing."""
        run = schedule_selectors.run_for(request.user, pk)
        validated_data = validate_data(RunAnswerRequest, request.data)
        apply_answer = runs.approve_run if validated_data["yes"] else runs.decline_run
        if not apply_answer(run):
            raise NotReady("This run asks nothing (any more).", advice="See its `state`.")
        return Response(RunDetailSerializer(schedule_selectors.run_for(request.user, pk)).data)
