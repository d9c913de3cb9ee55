"""Execute a run of a schedule: render, ask for approval, publish. Each step can be repeated."""

from collections import defaultdict
from datetime import timedelta
from smtplib import SMTPException
from typing import Any, Final
from uuid import UUID, uuid4

from celery import signature
from django.conf import settings
from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone

from headshots.engine.recipes import UNTOUCHED
from headshots.errors import FacetError, NotReady
from headshots.isolation import load_rows, report_failure, run_for_each
from headshots.models import Render, Variant
from headshots.selectors import newest_usable_photo, recipe_of, variants_of
from headshots.services import renders
from integrations.emails import services as emails
from integrations.errors import ActionNotAvailable
from integrations.models import Run, Schedule
from integrations.publishing import choices
from integrations.publishing import services as publishing_services
from integrations.scheduling.selectors import (
    approval_token,
    describe_sendings,
    is_as_shown,
    profiles_of_schedule,
    sendings_of,
)
from integrations.selectors import Profile

EXECUTE_TASK: Final = "integrations.execute_runs"
BATCH_SIZE: Final = 500  # runs handled per call
RUNS_PER_MESSAGE: Final = 10  # runs per message
MAX_ATTEMPTS: Final = 10  # executions of a run, after which it fails


def enqueue_runs(*runs: Run) -> None:
    """Enqueue runs; if a message gets lost, `enqueue_stalled_runs` makes up for it."""
    run_ids = [str(run.pk) for run in runs]
    for start in range(0, len(run_ids), RUNS_PER_MESSAGE):
        message = signature(
            EXECUTE_TASK, run_ids[start : start + RUNS_PER_MESSAGE], ignore_result=True
        )
        transaction.on_commit(message.delay, robust=True)


def enqueue_stalled_runs() -> int:
    """Enqueue runs whose render has ended or whose worker is gone, and return their number."""
    now = timezone.now()
    lease_start = now - timedelta(seconds=settings.SCHEDULE_LEASE_SECONDS)
    is_rendered = Q(state=Run.State.MAKING, render__finished_at__isnull=False, claim=None)
    has_no_render = Q(state=Run.State.MAKING, render=None, claim=None)
    is_stale = Q(state__in=(Run.State.WAITING, Run.State.MAKING), touched_at__lt=lease_start)
    stalled_runs = load_rows(
        "stalled run",
        Run.objects.filter(is_rendered | has_no_render | (is_stale & ~_is_being_rendered()))[
            :BATCH_SIZE
        ],
    )

    def enqueue_again(run: Run) -> None:
        unchanged_rows = Run.objects.filter(pk=run.pk, touched_at=run.touched_at, claim=run.claim)
        if unchanged_rows.update(touched_at=now, claim=None):
            enqueue_runs(run)

    run_for_each("stalled run", stalled_runs, enqueue_again)
    return len(stalled_runs)


def expire_approvals() -> int:
    """Skip the runs that nobody approved in time, and return their number."""
    late_runs = Run.objects.filter(state=Run.State.ASKING, decide_by__lte=timezone.now())
    message = "It was not approved in time."

    def expire_approval(run: Run) -> bool:
        return finish_run(run, Run.State.SKIPPED, code="unanswered", message=message)

    rows = load_rows("expired approval", late_runs[:BATCH_SIZE])
    return sum(run_for_each("expired approval", rows, expire_approval))


def execute_run(run_pk: UUID) -> None:
    """Execute a run as far as possible now; an error makes it fail with a message."""
    run = _claim_run(run_pk)
    if run is None:
        return
    try:
        _take_next_step(run)
    except FacetError as error:
        _fail_run(run, code=error.code, message=error.message, advice=error.advice)
    except (OSError, SMTPException):  # of the network: it is tried again after the lease
        raise
    except Exception as error:  # noqa: BLE001 - becomes the failure of this run
        report_failure("run", error, (run,))
        _fail_run(
            run,
            code="unexpected",
            message="This run could not be carried out because of an error in Facet.",
            advice="Save the schedule once more, or tell whoever runs this Facet.",
        )


def _fail_run(run: Run, *, code: str, message: str, advice: str) -> None:
    """Fail a run, and tell its owner unless the previous one failed for the same reason."""
    is_failed = finish_run(run, Run.State.FAILED, code=code, message=message, advice=advice)
    if is_failed and _is_new_failure(run, code):
        emails.send_run_failure(run, message=message, advice=advice)


def approve_run(run: Run) -> bool:
    """Approve a run; return False if it is too late, decided already, or no longer what was shown.

    In the last case the question is withdrawn.
    """
    if withdraw_if_changed(run):
        return False
    now = timezone.now()
    asking_rows = Run.objects.filter(pk=run.pk, state=Run.State.ASKING, decide_by__gt=now)
    with transaction.atomic():
        is_approved = asking_rows.update(
            state=Run.State.WAITING, agreed_at=now, touched_at=now, claim=None
        )
        if is_approved:
            enqueue_runs(run)
    return bool(is_approved)


def decline_run(run: Run) -> bool:
    """Decline a run; return False if it was decided already."""
    asking_rows = Run.objects.filter(pk=run.pk, state=Run.State.ASKING)
    return finish_run(
        run, Run.State.SKIPPED, code="declined", message="You declined it.", among=asking_rows
    )


def withdraw_if_changed(run: Run) -> bool:
    """Withdraw the question of a run that would send something else than was shown.

    Returns whether it was withdrawn. A yes is for exactly the headshots and profiles of the
    question, and never for others.
    """
    run.refresh_from_db()
    return run.state == Run.State.ASKING and not is_as_shown(run) and _withdraw(run)


def _withdraw(run: Run) -> bool:
    return finish_run(
        run,
        Run.State.SKIPPED,
        code="withdrawn",
        message="What it would send has changed since it asked you.",
        advice="Run it now to send it as it is.",
    )


def finish_run(
    run: Run, state: str, *, code: str = "", message: str = "", advice: str = "", among: Any = None
) -> bool:
    """Finish a run in this state; return False if it is finished already.

    `among` restricts the rows that may be finished, by default to open runs.
    """
    open_rows = among if among is not None else Run.objects.filter(pk=run.pk, state__in=Run.OPEN)
    values = {
        "state": state,
        "code": code,
        "message": message[:300],
        "advice": advice[:300],
        "claim": None,
        "finished_at": timezone.now(),
    }
    return bool(open_rows.update(**values))


def _is_new_failure(run: Run, code: str) -> bool:
    """Return whether the previous run did not fail for the same reason, which was reported."""
    previous_run = Run.objects.filter(schedule=run.schedule, due_at__lt=run.due_at).first()
    return previous_run is None or (previous_run.state, previous_run.code) != (
        Run.State.FAILED,
        code,
    )


def _is_being_rendered() -> Q:
    return Q(state=Run.State.MAKING, render__finished_at=None, render__isnull=False)


def _claim_run(run_pk: UUID) -> Run | None:
    """Claim a run for this worker; None if it is finished or another worker holds it."""
    lease_start = timezone.now() - timedelta(seconds=settings.SCHEDULE_LEASE_SECONDS)
    unclaimed = Run.objects.filter(Q(claim=None) | Q(touched_at__lt=lease_start), pk=run_pk)
    unfinished = unclaimed.filter(state__in=(Run.State.WAITING, Run.State.MAKING))
    claim = uuid4()
    if not unfinished.update(claim=claim, touched_at=timezone.now(), attempts=F("attempts") + 1):
        return None
    with_relations = Run.objects.select_related("schedule__owner", "render")
    return with_relations.filter(pk=run_pk, claim=claim).first()


def _take_next_step(run: Run) -> None:
    """Take the next step of a run: render anew, ask for approval if wanted, or publish."""
    if run.attempts > MAX_ATTEMPTS:
        raise NotReady("The run ended the worker every time.", advice="Run it once more by hand.")
    _skip_older_runs(run)
    if run.scheduled_item.anew and run.render is None:
        _start_render(run)
    elif run.render is not None and not run.render.is_finished:
        _release_run(run, Run.State.MAKING)
    elif run.schedule.ask_hours and run.agreed_at is None:
        _request_approval(run)
    elif not is_as_shown(run):
        _withdraw(run)
    else:
        _publish_variants(run)


def _skip_older_runs(run: Run) -> None:
    """Skip the older open runs of the same schedule."""
    older_runs = Run.objects.filter(
        schedule=run.schedule, state__in=Run.OPEN, due_at__lt=run.due_at
    )
    for older_run in older_runs:
        finish_run(
            older_run, Run.State.SKIPPED, code="superseded", message="A newer run took its place."
        )


def _start_render(run: Run) -> None:
    """Start to render from the newest photo what the run publishes, and wait for the render."""
    owner = run.schedule.owner
    old_variants = _variants_to_refresh(run)
    photo = newest_usable_photo(owner, old_variants)
    if photo is None:
        raise NotReady("There is no usable photo.", advice="Add a photo, then run it again.")
    with transaction.atomic():
        run.render = renders.start_render(
            owner,
            [photo],
            [recipe_of(variant) for variant in old_variants],
            kind=Render.Kind.REFRESH,
            parents=old_variants,
            is_planned=True,
        )
        _release_run(run, Run.State.MAKING, render=run.render)


def _variants_to_refresh(run: Run) -> list[Variant]:
    """Return the headshot of the run's item or, if it has none, what its profiles have chosen."""
    if run.scheduled_item.variant:
        return list(variants_of(run.schedule.owner).filter(pk=run.scheduled_item.variant))
    chosen_variants = {
        profile.choice.variant for profile in profiles_of_schedule(run.schedule) if profile.choice
    }
    return [variant for variant in chosen_variants if variant.look != UNTOUCHED.slug]


def _request_approval(run: Run) -> None:
    """Ask the owner for approval; if the worker dies right after, the e-mail is sent twice."""
    decide_by = timezone.now() + timedelta(hours=run.schedule.ask_hours)
    sendings = _require_sendings(run)
    emails.send_approval_request(run, sendings, decide_by=decide_by, token=approval_token(run))
    _release_run(run, Run.State.ASKING, decide_by=decide_by, shown=describe_sendings(sendings))


def _publish_variants(run: Run) -> None:
    """Publish at each profile, all or none, with the id of the run as the batch."""
    profiles_by_variant: dict[Variant, list[Profile]] = defaultdict(list)
    for profile, variant in _require_sendings(run):
        profiles_by_variant[variant].append(profile)
    claimed_rows = Run.objects.filter(pk=run.pk, claim=run.claim, state__in=Run.OPEN)
    # The person chose the minute of a single date and the moment of a run by hand.
    is_timed_by_person = run.is_by_hand or run.schedule.kind == Schedule.Kind.DATE
    with transaction.atomic():
        if not finish_run(run, Run.State.SENT, among=claimed_rows):
            return  # somebody stopped it meanwhile
        for variant, profiles in profiles_by_variant.items():
            if run.scheduled_item.anew and run.scheduled_item.variant is None:
                _choose_rendered(variant, profiles)
            publishing_services.publish_variant(
                variant,
                profiles,
                batch=run.pk,
                due=run.planned_at,
                origin=run.schedule_id,
                keeps_interval=not is_timed_by_person,
            )


def _choose_rendered(variant: Variant, profiles: list[Profile]) -> None:
    """Choose a headshot that was rendered anew, where the one it replaces was chosen."""
    accounts = [
        profile.connection
        for profile in profiles
        if profile.choice and profile.choice.connection_id
    ]
    places = [
        profile.place.slug
        for profile in profiles
        if profile.choice and not profile.choice.connection_id
    ]
    choices.choose_variant(variant, places, [account for account in accounts if account])


def _require_sendings(run: Run) -> list[tuple[Profile, Variant]]:
    sendings = sendings_of(run)
    if not sendings:
        rejected_variant = run.render.variants.exclude(reason="").first() if run.render else None
        raise ActionNotAvailable(
            rejected_variant.reason
            if rejected_variant
            else "There was nothing to send, or nowhere to send it to.",
            advice="Connect a profile and choose a headshot for it, or change the schedule.",
        )
    return sendings


def _release_run(run: Run, state: str, **values: Any) -> None:
    claimed_rows = Run.objects.filter(pk=run.pk, claim=run.claim, state__in=Run.OPEN)
    claimed_rows.update(state=state, claim=None, touched_at=timezone.now(), **values)
