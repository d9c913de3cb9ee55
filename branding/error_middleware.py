"""The one place that turns a known error into an answer a person can use."""

from django.core.exceptions import ObjectDoesNotExist
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils.deprecation import MiddlewareMixin

from headshots.errors import FacetError

STATUS = {
    "bad_redirect": 422,
    "bad_rule": 422,
    "bad_schedule": 422,
    "busy": 503,
    "forbidden_address": 422,
    "name_taken": 409,
    "no_space": 507,
    "not_here": 409,
    "not_ready": 409,
    "not_showable": 409,
    "not_you": 409,
    "too_large": 413,
    "too_many": 409,
}


def status_of(error: FacetError) -> int:
    """The HTTP status of a refusal: the asker's mistake, unless it is ours."""
    return STATUS.get(error.code, 400)


def in_words(error: FacetError) -> dict[str, str]:
    """What every answer says of a refusal."""
    return {"code": error.code, "message": error.message, "advice": error.advice}


def wants_words(request: HttpRequest) -> bool:
    """Whether a program asks, not a person with a page."""
    return request.get_preferred_type(["text/html", "application/json"]) == "application/json"


class Failures(MiddlewareMixin):
    """What is not yours is not there; what is refused says why and what to do."""

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        """The page of a refusal; None for what nobody expected."""
        if isinstance(error, ObjectDoesNotExist):
            raise Http404 from error
        if not isinstance(error, FacetError):
            return None
        status = status_of(error)
        if wants_words(request):
            return JsonResponse(in_words(error), status=status)
        return render(request, "web/problem.html", in_words(error), status=status)
