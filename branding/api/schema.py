"""The OpenAPI schema: decorators that describe operations, and what all operations share."""

from collections.abc import Mapping
from typing import Any, Final

from drf_spectacular.openapi import AutoSchema
from drf_spectacular.plumbing import get_override
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, OpenApiResponse, extend_schema

from branding.api.exceptions import ErrorSerializer
from branding.api.idempotency import HEADER, KEY
from branding.api.validation import Strict

WORDS: Final = {
    400: "Something that was sent is wrong; `fields` says what.",
    401: "No token, or one that does not hold.",
    403: "The token's scopes do not allow it.",
    404: "There is nothing of yours here.",
    406: "Only JSON is spoken.",
    409: "It cannot be done as things are.",
    412: "It was changed since it was read.",
    413: "The file is too large.",
    415: "The body has a type that is not taken.",
    422: "It is well written and makes no sense; `message` says why.",
    429: "Too many calls; `Retry-After` says how long to wait.",
    503: "No worker answered in time; nothing was changed.",
    507: "The disk is full; nothing was changed.",
}
JPEG: Final = {(200, "image/jpeg"): OpenApiTypes.BINARY}
FILE: Final = {**JPEG, (200, "image/png"): OpenApiTypes.BINARY}
ONCE: Final = OpenApiParameter(
    HEADER,
    {"type": "string", "pattern": f"^{KEY}$"},
    OpenApiParameter.HEADER,
    description="Any text of your own: with the same one this happens once, however often asked.",
)
MATCH: Final = OpenApiParameter(
    "If-Match",
    str,
    OpenApiParameter.HEADER,
    description="The ETag that was read: refused with 412 if it was changed meanwhile.",
)


class ApiSchema(AutoSchema):
    """Names operations after their path, and request components after the response's."""

    def get_operation_id(self) -> str:
        """Name the operation: `photos_list` for a path of one segment, `renders_again` for more."""
        words = self.path.removeprefix("/api/v1/").split("/")
        named = [word for word in words if not word.startswith("{")]
        return "_".join(named) if len(named) > 1 else super().get_operation_id()

    def get_serializer_name(self, serializer: Any, direction: Any) -> str:
        """Return the class name without `Request`, which drf-spectacular appends by itself."""
        return super().get_serializer_name(serializer, direction).removesuffix("Request")

    def _get_paginator(self) -> Any:
        """Paginate the responses to GET only: a POST may return a list too, but a whole one."""
        return super()._get_paginator() if self.method == "GET" else None

    def get_tags(self) -> list[str]:
        """Return the first segment of the path."""
        return [self.path.removeprefix("/api/v1/").split("/")[0]]


def operation(
    summary: str,
    answer: Any,
    *,
    request: Any = None,
    refused: tuple[int, ...] = (),
    example: Any = None,
    asked: Any = None,
    parameters: tuple[Any, ...] = (),
    status: int = 200,
    name: str | None = None,
) -> Any:
    """Describe one operation of the API; a decorator for a method of a view.

    `summary` is its description, too. `response` is the serializer of the response, None for an
    empty one, or a mapping from (status, media type) to a type; `status` is that of success.
    `request` is the serializer of the body. `error_statuses` are the statuses of errors beyond
    those that every operation can answer.
    """
    told: dict[Any, Any] = dict(answer) if isinstance(answer, Mapping) else {status: answer}
    examples = _examples(example, asked, status)
    for code in (400, 401, 403, 406, 429, *refused):
        told[(code, "application/json")] = OpenApiResponse(ErrorSerializer, description=WORDS[code])
    return extend_schema(
        operation_id=name,
        summary=summary,
        description=summary,
        request=request,
        responses=told,
        examples=examples,
        parameters=list(parameters),
    )


def listing(summary: str, answer: Any, query: Any, *, example: Any = None) -> Any:
    """Describe a paginated list and the serializer of its filters; an unknown page is a 404."""
    asked = (query,) if query().fields else ()
    return operation(summary, answer, example=example, refused=(404,), parameters=asked)


def forbid_unknown_fields(
    result: Any,
    generator: Any,  # noqa: ARG001
    request: Any,  # noqa: ARG001
    public: Any,  # noqa: ARG001
) -> Any:
    """Set `additionalProperties: false` on every request component that is read strictly.

    This is a postprocessing hook of drf-spectacular.
    """
    for serializer in Strict.__subclasses__():
        name = get_override(serializer, "component_name", serializer.__name__)
        name = name.removesuffix("Serializer").removesuffix("Request")
        for full in (f"{name}Request", f"Patched{name}Request"):
            if full in result["components"]["schemas"]:
                result["components"]["schemas"][full]["additionalProperties"] = False
    return result


def _examples(example: Any, asked: Any, status: int) -> list[OpenApiExample]:
    found = []
    if example is not None:
        found.append(
            OpenApiExample("answer", example, response_only=True, status_codes=[str(status)])
        )
    if asked is not None:
        found.append(OpenApiExample("request", asked, request_only=True))
    return found
