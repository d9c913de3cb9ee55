"""How pages answer: whole for a visit, in part for HTMX, and back to where one came from."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.utils.http import url_has_allowed_host_and_scheme


def render_page(request: HttpRequest, name: str, *, here: str = "", **context: Any) -> HttpResponse:
    """A template of the web app; `here` names the current entry of the navigation."""
    return render(request, f"web/{name}.html", {"here": here, **context})


def redirect_back(request: HttpRequest, fallback: Any) -> HttpResponseRedirect:
    """To the page of this site that the form named in `next`, or to the fallback."""
    next_url = request.POST.get("next", "")
    if url_has_allowed_host_and_scheme(next_url, allowed_hosts={request.get_host()}):
        return HttpResponseRedirect(next_url)
    return redirect(fallback)


def parse_uuids(texts: Iterable[str]) -> list[UUID]:
    """The ids among what a form or address says; what is none names nothing."""
    identifiers = []
    for text in texts:
        try:
            identifiers.append(UUID(text))
        except ValueError:
            continue
    return identifiers
