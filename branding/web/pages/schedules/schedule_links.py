"""Views of schedules without sign-in: the approval link of an e-mail, and the calendar feed."""

import base64
import hashlib
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.cache import get_conditional_response
from django.views.decorators.cache import cache_control, never_cache
from django.views.decorators.http import require_http_methods, require_safe

from branding.web.responses import render_page
from headshots.models import Variant
from headshots.storage import pictures
from integrations.models import Run
from integrations.scheduling import runs
from integrations.scheduling import selectors as schedule_selectors
from integrations.scheduling.ical import build_feed
from integrations.selectors import Profile


@never_cache
@require_http_methods(["GET", "POST"])
def answer_approval(request: HttpRequest, token: str) -> HttpResponse:
    """Show what a run would send; a POST approves or declines it. The link is the permission.

    A GET changes nothing, because mail programs open the links of an e-mail.
    """
    run = schedule_selectors.run_for_approval_token(token)
    if request.method == "POST":
        decision = runs.approve_run if request.POST.get("answer") == "yes" else runs.decline_run
        decision(run)
        return redirect("web:schedule_answer", token)
    is_open = (
        run.state == Run.State.ASKING
        and run.decide_by is not None
        and run.decide_by > timezone.now()
    )
    is_asking = is_open and schedule_selectors.is_as_shown(run)
    sendings = schedule_selectors.sendings_of(run) if is_asking else []
    return render_page(
        request,
        "schedules/answer",
        run=run,
        asks=is_asking,
        has_changed=is_open and not is_asking,
        shown=[_profile_with_picture(*sending) for sending in sendings],
    )


@cache_control(private=True, no_cache=True)
@require_safe
def serve_calendar(request: HttpRequest, token: str) -> HttpResponse:
    """Return the runs of a person's schedules as an iCalendar feed; 304 if it is unchanged."""
    feed = build_feed(schedule_selectors.calendar_owner(token), now=timezone.now())
    etag = f'"{hashlib.sha256(feed).hexdigest()}"'
    response = get_conditional_response(request, etag=etag) or HttpResponse(
        feed,
        content_type="text/calendar; charset=utf-8",
        headers={"Content-Disposition": 'inline; filename="facet.ics"'},
    )
    response["ETag"] = etag
    return response


def _profile_with_picture(profile: Profile, variant: Variant) -> dict[str, Any]:
    """Embed the picture in the page, because only its signed-in owner may open the file's URL."""
    data = base64.b64encode(pictures.read_file(variant.picture, "400")).decode()
    return {"profile": profile, "variant": variant, "source": f"data:image/jpeg;base64,{data}"}
