"""View of the activity page: what needs the person, what is under way, what comes, what was."""

from datetime import timedelta
from itertools import islice
from typing import Any, Final

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_GET

from branding.web.requests import PageRequest
from branding.web.responses import render_page
from headshots.selectors import renders_of, variants_of, without_details
from integrations.models import Connection, Publication, Run
from integrations.publication_states import ACTIVE_STATES, State
from integrations.scheduling import selectors as schedule_selectors
from integrations.selectors import connections_of, publications_of

RECENT: Final = 12  # publications shown as over
AHEAD: Final = timedelta(days=31)  # of coming runs
COMING: Final = 8  # coming runs shown
NEWEST: Final = 200  # publications among which the open ones are found


@login_required
@require_GET
def show_activity(request: PageRequest) -> HttpResponse:
    """Show everything that waits, runs, comes or is over, on one page."""
    publications = list(publications_of(request.user)[:NEWEST])
    open_runs = list(schedule_selectors.runs_of(request.user).filter(state__in=Run.OPEN))
    return render_page(
        request,
        "publishing/activity",
        here="activity",
        blocked=[entry for entry in publications if entry.state == State.BLOCKED],
        asking=_with_answer_links(open_runs),
        lost=list(connections_of(request.user).filter(state=Connection.State.LOST)),
        moving=[entry for entry in publications if entry.state in ACTIVE_STATES],
        running=[run for run in open_runs if run.state != Run.State.ASKING],
        renders=list(renders_of(request.user).filter(finished_at=None)[:COMING]),
        coming=_coming_runs(request),
        recent=_finished(publications)[:RECENT],
    )


def _with_answer_links(runs: list[Run]) -> list[dict[str, Any]]:
    return [
        {"run": run, "token": schedule_selectors.approval_token(run)}
        for run in runs
        if run.state == Run.State.ASKING
    ]


def _coming_runs(request: PageRequest) -> list[dict[str, Any]]:
    """Return the next runs, each with the headshot that it sends, if it names one."""
    until = timezone.now() + AHEAD
    planned = list(islice(schedule_selectors.upcoming_runs(request.user, until=until), COMING))
    named = without_details(
        variants_of(request.user).filter(pk__in=[run.item.variant for run in planned])
    )
    by_id: dict[Any, Any] = {variant.pk: variant for variant in named}
    return [{"run": run, "variant": by_id.get(run.item.variant)} for run in planned]


def _finished(publications: list[Publication]) -> list[Publication]:
    return [
        entry
        for entry in publications
        if entry.state != State.BLOCKED and entry.state not in ACTIVE_STATES
    ]
