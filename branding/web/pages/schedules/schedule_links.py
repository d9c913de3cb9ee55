"""The pages of schedules that need no sign-in: the question of a letter, and the calendar feed."""

import base64
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from branding.web.responses import page
from headshots.models import Variant
from headshots.storage import pictures
from integrations.models import Run
from integrations.scheduling import runs
from integrations.scheduling import selectors as schedule_selectors
from integrations.scheduling.ical import feed
from integrations.selectors import Profile


@never_cache
@require_http_methods(["GET", "POST"])
def answer(request: HttpRequest, token: str) -> HttpResponse:
    """What a run would send where, and the person's yes or no: whoever has the letter may say it.

    Looking changes nothing, because mail programs look at every address.
    """
    run = schedule_selectors.run_of_letter(token)
    if request.method == "POST":
        decide = runs.agree if request.POST.get("answer") == "yes" else runs.decline
        decide(run)
        return redirect("web:schedule_answer", token)
    asks = run.state == Run.State.ASKING and run.decide_by > timezone.now()
    shown = [_shown(*one) for one in schedule_selectors.sendings_of(run)] if asks else []
    return page(request, "schedules/answer", run=run, asks=asks, shown=shown)


@never_cache
@require_GET
def calendar(request: HttpRequest, token: str) -> HttpResponse:
    """When a person's schedules run, for calendar programs."""
    owner = schedule_selectors.owner_of_calendar(token)
    return HttpResponse(feed(owner, now=timezone.now()), content_type="text/calendar")


def _shown(profile: Profile, variant: Variant) -> dict[str, Any]:
    """A profile with its picture in the page itself: the file's own address is its owner's."""
    data = base64.b64encode(pictures.read(variant.picture, "400")).decode()
    return {"profile": profile, "variant": variant, "source": f"data:image/jpeg;base64,{data}"}
