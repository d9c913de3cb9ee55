"""Views of juries: ask other people about headshots, see what they chose, and vote."""

import csv
from typing import Final
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from branding.api.throttling import require_below_rate
from branding.juries import selectors as jury_selectors
from branding.juries import services as jury_services
from branding.juries.models import Jury
from branding.juries.questions import FINDINGS
from branding.public_urls import jury_url
from branding.web.requests import PageRequest
from branding.web.responses import parse_uuids, render_page
from headshots import selectors
from headshots.storage import pictures

PICTURE_SIZE: Final = "400"  # pixels a side of what voters see
# Requests of one address in a minute: a whole office may vote behind one.
VOTE_RATE, PICTURE_RATE = 600, 1200
SIDES: Final = {"left": 0, "right": 1}


@login_required
@require_http_methods(["GET", "POST"])
def ask_others(request: PageRequest, pk: UUID) -> HttpResponse:
    """Show the form of a question about a sheet; a POST creates its link."""
    render_row = selectors.render_for(request.user, pk)
    ready = selectors.only_usable(selectors.variants_of_render(render_row))
    if request.method == "GET":
        return render_page(
            request,
            "juries/ask",
            here="headshots",
            render=render_row,
            variants=selectors.without_details(ready),
            questions=list(FINDINGS),
            audiences=Jury.Audience.choices,
            earlier=jury_selectors.juries_of(request.user).filter(render=render_row),
        )
    chosen = list(ready.filter(pk__in=parse_uuids(request.POST.getlist("variants"))))
    question = request.POST.get("own_question", "").strip() or request.POST.get("question", "")
    audience = request.POST.get("audience", Jury.Audience.STRANGERS)
    if audience not in Jury.Audience.values:
        audience = Jury.Audience.STRANGERS
    jury = jury_services.start_jury(request.user, chosen, question, audience)
    return redirect("web:jury", jury.pk)


@login_required
@require_safe
def show_jury(request: PageRequest, pk: UUID) -> HttpResponse:
    """Show the link of a jury and what the votes say."""
    jury = jury_selectors.jury_for(request.user, pk)
    link = jury_url(jury.token)
    result = jury_selectors.describe_result(jury)
    return render_page(
        request,
        "juries/jury",
        here="headshots",
        jury=jury,
        link=link,
        result=result,
        difference=jury_selectors.compare_audiences(jury, result),
    )


@login_required
@require_POST
def end_jury(request: PageRequest, pk: UUID) -> HttpResponse:
    """Close the link of a jury."""
    jury_services.end_jury(jury_selectors.jury_for(request.user, pk))
    return redirect("web:jury", pk)


@login_required
@require_POST
def delete_jury(request: PageRequest, pk: UUID) -> HttpResponse:
    """Delete a jury with its votes."""
    jury = jury_selectors.jury_for(request.user, pk)
    jury_services.delete_jury(jury)
    return redirect("web:sheet", jury.render_id)


@login_required
@require_safe
def export_jury(request: PageRequest, pk: UUID) -> HttpResponse:
    """Return the result of a jury as CSV: a line for each headshot, the best first."""
    jury = jury_selectors.jury_for(request.user, pk)
    headers = {"Content-Disposition": 'attachment; filename="votes.csv"'}
    response = HttpResponse(content_type="text/csv; charset=utf-8", headers=headers)
    writer = csv.writer(response)
    writer.writerow(
        ["headshot", "look", "won", "shown", "preferred by", "voters", "probability of being best"]
    )
    for standing in jury_selectors.describe_result(jury).standings:
        variant = standing.variant
        probability = f"{standing.best_probability:.2f}"
        people = (standing.supporters, standing.voters)
        votes = (standing.wins, standing.votes)
        writer.writerow([variant.label, variant.look, *votes, *people, probability])
    return response


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def vote(request: HttpRequest, token: str) -> HttpResponse:
    """Show a voter's next two headshots, without sign-in or cookie; a POST stores their choice."""
    require_below_rate("jury", request, limit=VOTE_RATE, seconds=60)
    jury = jury_selectors.jury_for_link(token)
    voter = jury_services.hash_voter(
        jury,
        address=request.META.get("REMOTE_ADDR", ""),
        user_agent=request.headers.get("User-Agent", ""),
    )
    if request.method == "POST":
        number, side = request.POST.get("number", ""), SIDES.get(request.POST.get("side", ""))
        if side is not None and number.isascii() and number.isdigit():
            jury_services.record_vote(jury, voter, number=int(number[:3]), side=side)
        return redirect("web:jury_vote", token)
    step = jury_services.next_pair(jury, voter)
    response = render_page(request, "juries/vote", jury=jury, step=step)
    response["X-Robots-Tag"] = "noindex, nofollow"
    return response


@never_cache
@require_safe
def jury_picture(request: HttpRequest, token: str, position: int) -> HttpResponse:
    """Return one picture of an open jury, in the size that the page shows it."""
    require_below_rate("jury-picture", request, limit=PICTURE_RATE, seconds=60)
    jury = jury_selectors.jury_for_link(token)
    picture = list(jury.pictures.select_related("variant"))[position : position + 1]
    if not picture:
        raise jury.DoesNotExist
    response = HttpResponse(
        pictures.read_file(picture[0].variant.picture, PICTURE_SIZE), content_type="image/jpeg"
    )
    response["X-Robots-Tag"] = "noindex, nofollow"
    response["Cross-Origin-Resource-Policy"] = "same-origin"
    return response
