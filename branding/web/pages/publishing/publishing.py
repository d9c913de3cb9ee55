"""Views of publishing: send, receipts, decisions, undo."""

from typing import Any, Final
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST, require_safe

from branding.web.requests import PageRequest
from branding.web.responses import redirect_back, render_page
from integrations import selectors
from integrations.errors import ActionNotAvailable
from integrations.models import Publication
from integrations.publication_states import ACTIVE_STATES, State
from integrations.publishing import services as publishing_services
from integrations.publishing import temporary_urls
from integrations.scheduling.selectors import failed_runs_of

# Progress of a receipt by state: waiting, sending, accepted, verified.
STAGES: Final = {
    State.SCHEDULED: 1,
    State.READY: 1,
    State.SENDING: 2,
    State.UNCERTAIN: 2,
    State.PROCESSING: 3,
    State.PROPAGATING: 3,
    State.PUBLISHED: 4,
}
PAGE: Final = 30  # changes on one page
FAILED_RUNS: Final = 10  # shown above them


@login_required
@require_POST
def send_to_profiles(request: PageRequest) -> HttpResponse:
    """Publish the chosen headshots to all profiles, or to the selected ones."""
    profile_keys = set(request.POST.getlist("profiles"))
    profiles = [
        profile
        for profile in selectors.profiles_of(request.user)
        if profile.choice
        and profile.is_publishable
        and (not profile_keys or profile.key in profile_keys)
    ]
    publications = publishing_services.publish_chosen(request.user, profiles)
    if not publications:
        raise ActionNotAvailable(
            "There is nothing to update yet.",
            advice="Connect a profile and choose a headshot for it first.",
        )
    return redirect("web:receipts", publications[0].batch)


@login_required
@require_GET
def show_receipts(request: PageRequest, batch: UUID) -> HttpResponse:
    """Show the receipts of the publications of one batch."""
    return render_page(
        request, "publishing/receipts", here="profiles", **_receipts_context(request, batch)
    )


@login_required
@require_GET
def receipts_progress(request: PageRequest, batch: UUID) -> HttpResponse:
    """Return the current receipts, for a page that polls."""
    return render_page(request, "publishing/_receipt_list", **_receipts_context(request, batch))


def _receipts_context(request: PageRequest, batch: UUID) -> dict[str, Any]:
    publications = _publications_of_batch(request, batch)
    for publication in publications:
        publication.stage = STAGES.get(State(publication.state), 0)
    return {
        "batch": batch,
        "receipts": publications,
        "moving": any(publication.state in ACTIVE_STATES for publication in publications),
        "verified": sum(publication.state == State.PUBLISHED for publication in publications),
        "changed": [publication for publication in publications if _can_be_undone(publication)],
    }


def _publications_of_batch(request: PageRequest, batch: UUID) -> list[Publication]:
    publications = list(selectors.publications_in_batch(request.user, batch))
    if not publications:
        raise Http404
    return publications


def _can_be_undone(publication: Publication) -> bool:
    return bool(
        publication.before_id
        and publication.sent_at
        and publication.connection
        and not publication.undoes_id
    )


@login_required
@require_GET
def list_changes(request: PageRequest) -> HttpResponse:
    """List all publications and failures, with the pictures before and after."""
    changes = selectors.changes_of(request.user)
    publications = Paginator(changes, PAGE).get_page(request.GET.get("page"))
    waiting = list(selectors.blocked_publications(request.user))
    return render_page(
        request,
        "publishing/changes",
        here="history",
        page=publications,
        waiting=waiting,
        failed_runs=list(failed_runs_of(request.user)[:FAILED_RUNS]),
    )


@login_required
@require_POST
def cancel_publication(request: PageRequest, pk: UUID) -> HttpResponse:
    """Cancel a publication before it is sent."""
    publication = selectors.publication_for(request.user, pk)
    if not publishing_services.cancel_publication(publication):
        messages.warning(request, _("It was already on its way. You can undo it."))
    return _redirect_to_receipts(request, publication)


@login_required
@require_POST
def resolve_publication(request: PageRequest, pk: UUID) -> HttpResponse:
    """Resolve a blocked publication: keep the picture there, adopt it, or replace it."""
    publication = selectors.publication_for(request.user, pk)
    publishing_services.resolve_blocked(publication, request.POST.get("answer", ""))
    return _redirect_to_receipts(request, publication)


@login_required
@require_POST
def retry_publication(request: PageRequest, pk: UUID) -> HttpResponse:
    """Retry a publication that failed or was cancelled."""
    new_publication = publishing_services.retry_publication(
        selectors.publication_for(request.user, pk)
    )
    return redirect("web:receipts", new_publication.batch)


@login_required
@require_POST
def undo_publication(request: PageRequest, pk: UUID) -> HttpResponse:
    """Restore the previous picture of one profile."""
    undo_row = publishing_services.undo_publication(selectors.publication_for(request.user, pk))
    return redirect("web:receipts", undo_row.batch)


@login_required
@require_POST
def undo_batch(request: PageRequest, batch: UUID) -> HttpResponse:
    """Restore the previous pictures of one batch."""
    undo_rows = publishing_services.undo_publications(_publications_of_batch(request, batch))
    if not undo_rows:
        raise ActionNotAvailable("There is nothing to undo.")
    return redirect("web:receipts", undo_rows[0].batch)


@login_required
@require_GET
def previous_picture(request: PageRequest, pk: UUID) -> HttpResponse:
    """Return a thumbnail of the picture that was replaced; only for its owner."""
    backup = selectors.publication_for(request.user, pk).before
    if backup is None or not backup.portrait:
        raise Http404
    headers = {"Cache-Control": "private, max-age=14400"}
    return HttpResponse(bytes(backup.portrait), content_type="image/jpeg", headers=headers)


@require_safe
def temporary_picture(request: HttpRequest, token: str, form: str) -> HttpResponse:
    """Return a picture at its temporary URL, for a platform that downloads it."""
    content = temporary_urls.read_temporary_file(token)
    if content is None or content[0] != form:
        raise Http404
    return HttpResponse(
        content[1], content_type=f"image/{form}", headers={"X-Robots-Tag": "noindex"}
    )


def _redirect_to_receipts(request: PageRequest, publication: Publication) -> HttpResponse:
    if request.POST.get("next"):
        return redirect_back(request, "web:changes")
    return redirect("web:receipts", publication.batch)
