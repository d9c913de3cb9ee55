"""Execute a run of a schedule: render, ask for approval, publish. Each step can be repeated."""

from collections import defaultdict
from datetime import timedelta
from typing import Any, Final
from uuid import UUID, uuid4

from celery import signature
from django.conf import settings
from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone

from headshots.engine.recipes import UNTOUCHED
from headshots.errors import FacetError, NotReady
from headshots.models import Render, Variant
from headshots.selectors import newest_usable_photo, recipe_of, variants_of
from headshots.services import renders
from integrations import emails
from integrations.errors import ActionNotAvailable
from integrations.models import Run
from integrations.publishing import choices
from integrations.publishing import services as publishing_services
from integrations.scheduling.selectors import profiles_for, sendings_of, token_of
from integrations.selectors import Profile

PLAY: Final = "integrations.play"
BATCH: Final = 500  # runs handled per call
TOGETHER: Final = 10  # runs per message
ATTEMPTS: Final = 10  # executions of a run, after which it fails


def tell(*waiting: Run) -> None:
    """Enqueue runs; if a message gets lost, `enqueue_stalled_runs` makes up for it."""
    names = [str(run.pk) for run in waiting]
    for first in range(0, len(names), TOGETHER):
        message = signature(PLAY, names[first : first + TOGETHER], ignore_result=True)
        transaction.on_commit(message.delay, robust=True)


def tell_again() -> int:
    """Enqueue runs whose render has ended or whose worker is gone, and return their number."""
    now = timezone.now()
    lost = now - timedelta(seconds=settings.SCHEDULE_LEASE_SECONDS)
    made = Q(state=Run.State.MAKING, render__finished_at__isnull=False, claim=None)
    gone = Q(state=Run.State.MAKING, render=None, claim=None)
    stale = Q(state__in=(Run.State.WAITING, Run.State.MAKING), touched_at__lt=lost)
    found = list(Run.objects.filter(made | gone | (stale & ~_unmade()))[:BATCH])
    for run in found:
        same = Run.objects.filter(pk=run.pk, touched_at=run.touched_at, claim=run.claim)
        if same.update(touched_at=now, claim=None):
            tell(run)
    return len(found)


def expire() -> int:
    """Skip the runs that nobody approved in time, and return their number."""
    late = Run.objects.filter(state=Run.State.ASKING, decide_by__lte=timezone.now())
    words = "Nobody said yes in time."
    return sum(
        finish(one, Run.State.SKIPPED, code="unanswered", words=words) for one in late[:BATCH]
    )


def play(pk: UUID) -> None:
    """Execute a run as far as possible now; an expected error makes it fail with a message."""
    run = _claimed(pk)
    if run is None:
        return
    try:
        _go_on(run)
    except FacetError as error:
        told = {"words": error.message, "advice": error.advice}
        if finish(run, Run.State.FAILED, code=error.code, **told) and _is_news(run, error.code):
            emails.tell_run_failed(run, **told)


def agree(run: Run) -> bool:
    """Approve a run; return False if it is too late or decided already."""
    now = timezone.now()
    asked = Run.objects.filter(pk=run.pk, state=Run.State.ASKING, decide_by__gt=now)
    with transaction.atomic():
        said = asked.update(state=Run.State.WAITING, agreed_at=now, touched_at=now, claim=None)
        if said:
            tell(run)
    return bool(said)


def decline(run: Run) -> bool:
    """Decline a run; return False if it was decided already."""
    asked = Run.objects.filter(pk=run.pk, state=Run.State.ASKING)
    return finish(run, Run.State.SKIPPED, code="declined", words="You said no.", among=asked)


def finish(
    run: Run, state: str, *, code: str = "", words: str = "", advice: str = "", among: Any = None
) -> bool:
    """Finish a run in this state; return False if it is finished already.

    `among` restricts the rows that may be finished, by default to open runs.
    """
    still = among if among is not None else Run.objects.filter(pk=run.pk, state__in=Run.OPEN)
    values = {
        "state": state,
        "code": code,
        "words": words[:300],
        "advice": advice[:300],
        "claim": None,
        "finished_at": timezone.now(),
    }
    return bool(still.update(**values))


def _is_news(run: Run, code: str) -> bool:
    """Return whether the previous run did not fail for the same reason, which was reported."""
    before = Run.objects.filter(schedule=run.schedule, due_at__lt=run.due_at).first()
    return before is None or (before.state, before.code) != (Run.State.FAILED, code)


def _unmade() -> Q:
    return Q(state=Run.State.MAKING, render__finished_at=None, render__isnull=False)


def _claimed(pk: UUID) -> Run | None:
    """Claim a run for this worker; None if it is finished or another worker holds it."""
    lost = timezone.now() - timedelta(seconds=settings.SCHEDULE_LEASE_SECONDS)
    free = Run.objects.filter(Q(claim=None) | Q(touched_at__lt=lost), pk=pk)
    going = free.filter(state__in=(Run.State.WAITING, Run.State.MAKING))
    mine = uuid4()
    if not going.update(claim=mine, touched_at=timezone.now(), attempts=F("attempts") + 1):
        return None
    whole = Run.objects.select_related("schedule__owner", "render")
    return whole.filter(pk=pk, claim=mine).first()


def _go_on(run: Run) -> None:
    """Take the next step of a run: render anew, ask for approval if wanted, or publish."""
    if run.attempts > ATTEMPTS:
        raise NotReady("It ended its worker every time.", advice="Run it once more by hand.")
    _outdate_older(run)
    if run.sends.anew and run.render is None:
        _make(run)
    elif run.render is not None and not run.render.is_finished:
        _stay(run, Run.State.MAKING)
    elif run.schedule.ask_hours and run.agreed_at is None:
        _ask(run)
    else:
        _send(run)


def _outdate_older(run: Run) -> None:
    """Skip the older open runs of the same schedule."""
    older = Run.objects.filter(schedule=run.schedule, state__in=Run.OPEN, due_at__lt=run.due_at)
    for one in older:
        finish(one, Run.State.SKIPPED, code="superseded", words="A newer run took its place.")


def _make(run: Run) -> None:
    """Start to render from the newest photo what the run publishes, and wait for the render."""
    owner = run.schedule.owner
    photo = newest_usable_photo(owner)
    if photo is None:
        raise NotReady("There is no usable photo.", advice="Add a photo, then run it again.")
    if run.sends.variant:
        old = list(variants_of(owner).filter(pk=run.sends.variant))
    else:
        hanging = {one.choice.variant for one in profiles_for(run.schedule) if one.choice}
        old = [variant for variant in hanging if variant.look != UNTOUCHED.slug]
    with transaction.atomic():
        run.render = renders.start(
            owner,
            [photo],
            [recipe_of(variant) for variant in old],
            kind=Render.Kind.REFRESH,
            parents=old,
        )
        _stay(run, Run.State.MAKING, render=run.render)


def _ask(run: Run) -> None:
    """Ask the owner for approval; if the worker dies right after, the e-mail is sent twice."""
    decide_by = timezone.now() + timedelta(hours=run.schedule.ask_hours)
    emails.ask_for_approval(run, _sendings(run), decide_by=decide_by, token=token_of(run))
    _stay(run, Run.State.ASKING, decide_by=decide_by)


def _send(run: Run) -> None:
    """Publish at each profile, all or none, with the id of the run as the batch."""
    groups: dict[Variant, list[Profile]] = defaultdict(list)
    for profile, variant in _sendings(run):
        groups[variant].append(profile)
    held = Run.objects.filter(pk=run.pk, claim=run.claim, state__in=Run.OPEN)
    with transaction.atomic():
        if not finish(run, Run.State.SENT, among=held):
            return  # somebody stopped it meanwhile
        for variant, profiles in groups.items():
            if run.sends.anew and run.sends.variant is None:
                _choose(variant, profiles)
            publishing_services.publish(
                variant, profiles, batch=run.pk, due=run.planned_at, origin=run.schedule_id
            )


def _choose(variant: Variant, profiles: list[Profile]) -> None:
    """Choose a headshot that was rendered anew, where the one it replaces was chosen."""
    own = [one.connection for one in profiles if one.choice and one.choice.connection_id]
    places = [one.frame.slug for one in profiles if one.choice and not one.choice.connection_id]
    choices.choose(variant, places, [account for account in own if account])


def _sendings(run: Run) -> list[tuple[Profile, Variant]]:
    found = sendings_of(run)
    if not found:
        unmade = run.render.variants.exclude(reason="").first() if run.render else None
        raise ActionNotAvailable(
            unmade.reason if unmade else "There was nothing to send, or nowhere to send it to.",
            advice="Connect a profile and choose a headshot for it, or change the schedule.",
        )
    return found


def _stay(run: Run, state: str, **values: Any) -> None:
    mine = Run.objects.filter(pk=run.pk, claim=run.claim, state__in=Run.OPEN)
    mine.update(state=state, claim=None, touched_at=timezone.now(), **values)
