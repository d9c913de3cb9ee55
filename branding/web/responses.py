"""Responses of pages: templates, redirects back, and ids from forms."""

from collections.abc import Iterable
from typing import Any, Final
from uuid import UUID

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.utils.http import url_has_allowed_host_and_scheme

NO_ID: Final = UUID(int=0)  # of no row


def render_page(request: HttpRequest, name: str, *, here: str = "", **context: Any) -> HttpResponse:
    """Render a template of the web app; `here` names the current entry of the navigation."""
    return render(request, f"web/{name}.html", {"here": here, **context})


def redirect_back(request: HttpRequest, fallback: Any) -> HttpResponseRedirect:
    """Redirect to the page of this site that the form names in `next`, or to the fallback."""
    next_url = request.POST.get("next", "")
    if url_has_allowed_host_and_scheme(next_url, allowed_hosts={request.get_host()}):
        return HttpResponseRedirect(next_url)
    return redirect(fallback)


def parse_uuids(texts: Iterable[str]) -> list[UUID]:
    """Return the UUIDs among the values of a form or query; other values are left out."""
    identifiers = []
    for text in texts:
        try:
            identifiers.append(UUID(text))
        except ValueError:
            continue
    return identifiers
