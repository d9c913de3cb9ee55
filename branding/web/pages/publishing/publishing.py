"""The pages of sending: everything at once, receipts, questions, and bringing the old one back."""

from typing import Any, Final
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST, require_safe

from branding.web.responses import back, page
from integrations import selectors
from integrations.errors import ActionNotAvailable
from integrations.models import Publication
from integrations.publication_states import MOVING, State
from integrations.publishing import services as publishing_services
from integrations.publishing import temporary_urls

# How far along a receipt is: waiting, sending, accepted, verified.
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


@login_required
@require_POST
def send(request: HttpRequest) -> HttpResponse:
    """Send every profile what was chosen for it, or only those that were ticked."""
    wanted = set(request.POST.getlist("profiles"))
    profiles = [
        one
        for one in selectors.profiles_of(request.user)
        if one.choice and one.takes_part and (not wanted or one.key in wanted)
    ]
    made = publishing_services.refresh(request.user, profiles)
    if not made:
        raise ActionNotAvailable(
            "There is nothing to send yet.",
            advice="Connect a profile and choose a headshot for it first.",
        )
    return redirect("web:receipts", made[0].batch)


@login_required
@require_GET
def receipts(request: HttpRequest, batch: UUID) -> HttpResponse:
    """What became of everything that was sent together."""
    return page(request, "publishing/receipts", here="profiles", **_receipts(request, batch))


@login_required
@require_GET
def progress(request: HttpRequest, batch: UUID) -> HttpResponse:
    """The receipts as they are now."""
    return page(request, "publishing/_receipt_list", **_receipts(request, batch))


def _receipts(request: HttpRequest, batch: UUID) -> dict[str, Any]:
    found = _together(request, batch)
    for one in found:
        one.stage = STAGES.get(State(one.state), 0)
    return {
        "batch": batch,
        "receipts": found,
        "moving": any(one.state in MOVING for one in found),
        "verified": sum(one.state == State.PUBLISHED for one in found),
        "changed": [one for one in found if _can_be_undone(one)],
    }


def _together(request: HttpRequest, batch: UUID) -> list[Publication]:
    found = list(selectors.receipts_of(request.user, batch))
    if not found:
        raise Http404
    return found


def _can_be_undone(one: Publication) -> bool:
    return bool(one.before_id and one.sent_at and one.connection and not one.undoes_id)


@login_required
@require_GET
def changes(request: HttpRequest) -> HttpResponse:
    """Every change ever made, with what hung there before and after."""
    sent = selectors.publications_of(request.user).exclude(sent_at=None)
    found = Paginator(sent, PAGE).get_page(request.GET.get("page"))
    waiting = list(selectors.waiting_for(request.user))
    return page(request, "publishing/changes", here="history", page=found, waiting=waiting)


@login_required
@require_POST
def cancel(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Take one back before it is sent."""
    publication = selectors.publication_for(request.user, pk)
    if not publishing_services.cancel(publication):
        messages.warning(request, _("It was too late: it is on its way. You can undo it."))
    return _back(request, publication)


@login_required
@require_POST
def resolve(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Answer what only the person knows: keep theirs, take it over, or send ours."""
    publication = selectors.publication_for(request.user, pk)
    publishing_services.resolve(publication, request.POST.get("answer", ""))
    return _back(request, publication)


@login_required
@require_POST
def again(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Send once more what failed or was taken back."""
    made = publishing_services.again(selectors.publication_for(request.user, pk))
    return redirect("web:receipts", made.batch)


@login_required
@require_POST
def undo(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Bring the old picture back to one profile."""
    made = publishing_services.undo(selectors.publication_for(request.user, pk))
    return redirect("web:receipts", made.batch)


@login_required
@require_POST
def undo_all(request: HttpRequest, batch: UUID) -> HttpResponse:
    """Bring back everything that was changed together."""
    made = publishing_services.undo_all(_together(request, batch))
    if not made:
        raise ActionNotAvailable("Nothing was changed that could be brought back.")
    return redirect("web:receipts", made[0].batch)


@login_required
@require_GET
def before(request: HttpRequest, pk: UUID) -> HttpResponse:
    """What hung there before, small, for its owner."""
    kept = selectors.publication_for(request.user, pk).before
    if kept is None or not kept.portrait:
        raise Http404
    headers = {"Cache-Control": "private, max-age=86400"}
    return HttpResponse(bytes(kept.portrait), content_type="image/jpeg", headers=headers)


@require_safe
def lent(request: HttpRequest, token: str, form: str) -> HttpResponse:
    """A picture for the platform that fetches it, for some minutes."""
    found = temporary_urls.lent(token)
    if found is None or found[0] != form:
        raise Http404
    return HttpResponse(found[1], content_type=f"image/{form}", headers={"X-Robots-Tag": "noindex"})


def _back(request: HttpRequest, publication: Publication) -> HttpResponse:
    if request.POST.get("next"):
        return back(request, "web:changes")
    return redirect("web:receipts", publication.batch)
