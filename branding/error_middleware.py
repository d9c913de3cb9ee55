"""Turns the errors of the domain (FacetError) into HTTP responses with a message and advice."""

import math

from django.core.exceptions import ObjectDoesNotExist
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils.deprecation import MiddlewareMixin

from headshots.errors import FacetError
from headshots.wording import word

STATUS_BY_CODE = {
    "bad_redirect": 422,
    "bad_rule": 422,
    "bad_schedule": 422,
    "busy": 503,
    "forbidden_address": 422,
    "impossible_weights": 422,
    "name_taken": 409,
    "no_space": 507,
    "not_here": 409,
    "not_ready": 409,
    "not_showable": 409,
    "not_you": 409,
    "too_large": 413,
    "too_many": 409,
    "too_many_at_once": 429,
}


def http_status_of(error: FacetError) -> int:
    """Return the HTTP status for an error, by its code; 400 for codes that are not listed."""
    return STATUS_BY_CODE.get(error.code, 400)


def error_payload(error: FacetError) -> dict[str, str]:
    """Return the code, message and advice of an error, in the active language."""
    return {"code": error.code, "message": word(error.message), "advice": word(error.advice)}


def error_headers(error: FacetError) -> dict[str, str]:
    """Return the headers of the response: when to try again, if the error knows that."""
    retry_after = getattr(error, "retry_after", None)
    return {"Retry-After": str(math.ceil(retry_after))} if retry_after else {}


def wants_json(request: HttpRequest) -> bool:
    """Whether the client prefers JSON over HTML, by its Accept header."""
    return request.get_preferred_type(["text/html", "application/json"]) == "application/json"


class ErrorMiddleware(MiddlewareMixin):
    """Answers missing objects with 404 and a FacetError with its message.

    An object of another account counts as missing, so that its existence is not revealed.
    """

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        """Return a response for a known error; None lets Django handle any other exception."""
        if isinstance(error, ObjectDoesNotExist):
            raise Http404 from error
        if not isinstance(error, FacetError):
            return None
        status, headers = http_status_of(error), error_headers(error)
        if wants_json(request):
            return JsonResponse(error_payload(error), status=status, headers=headers)
        response = render(request, "web/public/problem.html", error_payload(error), status=status)
        for name, value in headers.items():
            response[name] = value
        return response
