"""How pages answer: whole for a visit, in part for HTMX, and back to where one came from."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.utils.http import url_has_allowed_host_and_scheme


def page(request: HttpRequest, name: str, *, here: str = "", **context: Any) -> HttpResponse:
    """A template of the web app; `here` names the current entry of the navigation."""
    return render(request, f"web/{name}.html", {"here": here, **context})


def back(request: HttpRequest, fallback: Any) -> HttpResponseRedirect:
    """To the page of this site that the form named in `next`, or to the fallback."""
    wanted = request.POST.get("next", "")
    if url_has_allowed_host_and_scheme(wanted, allowed_hosts={request.get_host()}):
        return HttpResponseRedirect(wanted)
    return redirect(fallback)


def ids(told: Iterable[str]) -> list[UUID]:
    """The ids among what a form or address says; what is none names nothing."""
    found = []
    for one in told:
        try:
            found.append(UUID(one))
        except ValueError:
            continue
    return found
