"""The OpenAPI schema: decorators that describe operations, and what all operations share."""

from collections.abc import Callable, Mapping
from typing import Any, Final, TypeVar

from drf_spectacular.openapi import AutoSchema
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, OpenApiResponse, extend_schema

from branding.api.exceptions import ErrorSerializer
from branding.api.idempotency import KEY_HEADER, KEY_PATTERN

Handler = TypeVar("Handler", bound=Callable[..., Any])  # a method of a view
ERROR_DESCRIPTIONS: Final = {
    400: "The request is invalid; `fields` says why.",
    401: "The token is missing, invalid or expired.",
    403: "The token's scopes do not allow it.",
    404: "It does not exist, or belongs to somebody else.",
    406: "The requested media type is not available.",
    409: "Its state does not allow that, or the `Idempotency-Key` was used for another request.",
    412: "It was changed since it was read (`If-Match`).",
    413: "The file is too large.",
    415: "The media type of the body is not accepted.",
    422: "The values contradict each other or have no effect; `message` says why.",
    429: "Too many requests; `Retry-After` says how long to wait.",
    503: "No worker answered in time; nothing was changed.",
    507: "The disk is full; nothing was changed.",
}
JPEG_RESPONSE: Final = {(200, "image/jpeg"): OpenApiTypes.BINARY}
FILE_RESPONSE: Final = {
    **JPEG_RESPONSE,
    (200, "image/png"): OpenApiTypes.BINARY,
    (200, "image/webp"): OpenApiTypes.BINARY,
}
IDEMPOTENCY_KEY: Final = OpenApiParameter(
    KEY_HEADER,
    {"type": "string", "pattern": f"^{KEY_PATTERN}$"},
    OpenApiParameter.HEADER,
    description="A unique text: requests with the same key take effect only once.",
)
ETAG: Final = OpenApiParameter(
    "ETag",
    str,
    OpenApiParameter.HEADER,
    response=[200],
    description="The state of the object, for `If-None-Match` and `If-Match`.",
)
IF_MATCH: Final = OpenApiParameter(
    "If-Match",
    str,
    OpenApiParameter.HEADER,
    description="The ETag of the last response: refused with 412 if it was changed since.",
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

    def get_override_parameters(self) -> list[Any]:
        """Describe the ETag of responses to GET that have one."""
        if self.method == "GET" and hasattr(self.view, "require_match"):
            return [ETAG]
        return []

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

    The docstring of the method is its description. `response` is the serializer of the response,
    None for an empty one, or a mapping from (status, media type) to a type; `status` is that of
    success. `request` is the serializer of the body. `error_statuses` are the statuses of errors
    beyond those that every operation can answer; an `Idempotency-Key` adds 409.
    """
    responses: dict[Any, Any] = (
        dict(response) if isinstance(response, Mapping) else {status: response}
    )
    examples = _build_examples(response_example, request_example, status)
    conflict_statuses = (409,) if IDEMPOTENCY_KEY in parameters else ()
    for error_status in (400, 401, 403, 406, 429, *conflict_statuses, *error_statuses):
        responses[(error_status, "application/json")] = OpenApiResponse(
            ErrorSerializer, description=ERROR_DESCRIPTIONS[error_status]
        )
    return extend_schema(
        operation_id=operation_id,
        summary=summary,
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
