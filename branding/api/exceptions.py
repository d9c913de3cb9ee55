"""The exception handler of the API: every error is answered in one JSON shape."""

from typing import Any, Final

from django.core.exceptions import ObjectDoesNotExist, PermissionDenied
from django.http import Http404
from drf_spectacular.utils import extend_schema_serializer
from rest_framework import exceptions, serializers
from rest_framework.response import Response
from rest_framework.views import exception_handler, set_rollback

from branding import error_middleware
from branding.api.authentication import insufficient_scope_header
from headshots.errors import FacetError

ADVICE_BY_STATUS: Final = {
    400: "See `fields`, and the schema at /api/schema/.",
    401: "Send `Authorization: Bearer <token>`; create a token on the account page.",
    403: "Create a token with the scope that this operation needs.",
    404: "Check the id, and whether it still exists.",
    405: "See the schema at /api/schema/.",
    406: "Ask for application/json.",
    412: "Read it again and send its new ETag as If-Match.",
    415: "Send application/json, or multipart/form-data where files are taken.",
    429: "Wait as many seconds as Retry-After says.",
}


class IdempotencyConflict(exceptions.APIException):
    """An `Idempotency-Key` was used before with another request (409)."""

    status_code = 409
    default_code = "conflict"


class PreconditionFailed(exceptions.APIException):
    """The resource no longer matches `If-Match` (412; RFC 9110, section 13.1.1)."""

    status_code = 412
    default_code = "changed"
    default_detail = "It was changed since it was read."


@extend_schema_serializer(component_name="Refusal")
class ErrorSerializer(serializers.Serializer[Any]):
    """The body of every error response."""

    code = serializers.CharField(help_text="for programs; stable")
    message = serializers.CharField(help_text="what happened, for people")
    advice = serializers.CharField(help_text="what to do, for people", allow_blank=True)
    fields = serializers.DictField(  # type: ignore[assignment]
        child=serializers.JSONField(), help_text="what is wrong with each field sent"
    )


def handle_exception(error: Exception, context: dict[str, Any]) -> Response | None:
    """Return the response to a known error; None for an unexpected one, which becomes a 500.

    This is the `EXCEPTION_HANDLER` of Django REST framework.
    """
    if isinstance(error, FacetError):
        set_rollback()
        body = {**error_middleware.error_payload(error), "fields": {}}
        return Response(
            body,
            status=error_middleware.http_status_of(error),
            headers=error_middleware.error_headers(error),
        )
    if isinstance(error, ObjectDoesNotExist):
        error = exceptions.NotFound()
    response = exception_handler(error, context)
    if response is not None:
        response.data = _describe_error(error, response)
        request = context.get("request")
        if request is not None and response.status_code == 403 and request.auth:
            response["WWW-Authenticate"] = insufficient_scope_header(request, context["view"])
    return response


def _describe_error(error: Exception, response: Response) -> dict[str, Any]:
    is_invalid = isinstance(error, exceptions.ValidationError)
    fields = response.data if is_invalid and isinstance(response.data, dict) else {}
    return {
        "code": "invalid" if is_invalid else _error_code(error),
        "message": _error_message(error, response) if not is_invalid else "The request is invalid.",
        "advice": ADVICE_BY_STATUS.get(response.status_code, ""),
        "fields": fields,
    }


def _error_code(error: Exception) -> str:
    if isinstance(error, Http404):
        return "not_found"
    if isinstance(error, PermissionDenied):
        return "permission_denied"
    codes = error.get_codes() if isinstance(error, exceptions.APIException) else "error"
    return codes if isinstance(codes, str) else "error"


def _error_message(error: Exception, response: Response) -> str:
    detail = response.data.get("detail", "") if isinstance(response.data, dict) else ""
    return str(detail) or str(error)
