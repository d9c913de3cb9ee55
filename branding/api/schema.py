"""The OpenAPI schema: decorators that describe operations, and what all operations share."""

from collections.abc import Callable, Mapping
from typing import Any, Final, TypeVar

from drf_spectacular.drainage import get_override
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, OpenApiResponse, extend_schema

from branding.api.exceptions import ErrorSerializer
from branding.api.idempotency import KEY_HEADER, KEY_PATTERN
from branding.api.validation import StrictSerializer

Handler = TypeVar("Handler", bound=Callable[..., Any])  # a method of a view
ERROR_DESCRIPTIONS: Final = {
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
JPEG_RESPONSE: Final = {(200, "image/jpeg"): OpenApiTypes.BINARY}
FILE_RESPONSE: Final = {**JPEG_RESPONSE, (200, "image/png"): OpenApiTypes.BINARY}
IDEMPOTENCY_KEY: Final = OpenApiParameter(
    KEY_HEADER,
    {"type": "string", "pattern": f"^{KEY_PATTERN}$"},
    OpenApiParameter.HEADER,
    description="Any text of your own: with the same one this happens once, however often asked.",
)
IF_MATCH: Final = OpenApiParameter(
    "If-Match",
    str,
    OpenApiParameter.HEADER,
    description="The ETag that was read: refused with 412 if it was changed meanwhile.",
)


class ApiSchema(AutoSchema):
    """Names operations after their path, and request components after the response's."""

    def get_operation_id(self) -> str:
        """Name the operation: `photos_list` for a path of one segment, `renders_again` for more."""
        segments = self.path.removeprefix("/api/v1/").split("/")
        names = [segment for segment in segments if not segment.startswith("{")]
        return "_".join(names) if len(names) > 1 else super().get_operation_id()

    def get_serializer_name(self, serializer: Any, direction: Any) -> str:
        """Return the class name without `Request`, which drf-spectacular appends by itself."""
        return super().get_serializer_name(serializer, direction).removesuffix("Request")

    def _get_paginator(self) -> Any:
        """Paginate the responses to GET only: a POST may return a list too, but a whole one."""
        if self.method != "GET":
            return None
        return super()._get_paginator()  # type: ignore[no-untyped-call]

    def get_tags(self) -> list[str]:
        """Return the first segment of the path."""
        return [self.path.removeprefix("/api/v1/").split("/")[0]]


def describe_operation(
    summary: str,
    response: Any,
    *,
    request: Any = None,
    error_statuses: tuple[int, ...] = (),
    response_example: Any = None,
    request_example: Any = None,
    parameters: tuple[Any, ...] = (),
    status: int = 200,
    operation_id: str | None = None,
) -> Callable[[Handler], Handler]:
    """Describe one operation of the API; a decorator for a method of a view.

    `summary` is its description, too. `response` is the serializer of the response, None for an
    empty one, or a mapping from (status, media type) to a type; `status` is that of success.
    `request` is the serializer of the body. `error_statuses` are the statuses of errors beyond
    those that every operation can answer.
    """
    responses: dict[Any, Any] = (
        dict(response) if isinstance(response, Mapping) else {status: response}
    )
    examples = _build_examples(response_example, request_example, status)
    for error_status in (400, 401, 403, 406, 429, *error_statuses):
        responses[(error_status, "application/json")] = OpenApiResponse(
            ErrorSerializer, description=ERROR_DESCRIPTIONS[error_status]
        )
    return extend_schema(
        operation_id=operation_id,
        summary=summary,
        description=summary,
        request=request,
        responses=responses,
        examples=examples,
        parameters=list(parameters),
    )


def describe_list(
    summary: str, response: Any, filter_class: Any, *, response_example: Any = None
) -> Callable[[Handler], Handler]:
    """Describe a paginated list and the serializer of its filters; an unknown page is a 404."""
    parameters = (filter_class,) if filter_class().fields else ()
    return describe_operation(
        summary,
        response,
        response_example=response_example,
        error_statuses=(404,),
        parameters=parameters,
    )


def forbid_unknown_fields(
    result: Any,
    generator: Any,  # noqa: ARG001
    request: Any,  # noqa: ARG001
    public: Any,  # noqa: ARG001
) -> Any:
    """Set `additionalProperties: false` on every request component that is read strictly.

    This is a postprocessing hook of drf-spectacular.
    """
    for serializer in StrictSerializer.__subclasses__():
        component_name = get_override(serializer, "component_name", serializer.__name__)
        component_name = component_name.removesuffix("Serializer").removesuffix("Request")
        for request_name in (f"{component_name}Request", f"Patched{component_name}Request"):
            if request_name in result["components"]["schemas"]:
                result["components"]["schemas"][request_name]["additionalProperties"] = False
    return result


def _build_examples(
    response_example: Any, request_example: Any, status: int
) -> list[OpenApiExample]:
    examples = []
    if response_example is not None:
        examples.append(
            OpenApiExample(
                "answer", response_example, response_only=True, status_codes=[str(status)]
            )
        )
    if request_example is not None:
        examples.append(OpenApiExample("request", request_example, request_only=True))
    return examples
