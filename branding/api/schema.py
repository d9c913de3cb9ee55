"""What the schema says of every operation alike: who may come in, what is refused, and how."""

from collections.abc import Mapping
from typing import Any, Final

from drf_spectacular.openapi import AutoSchema
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, OpenApiResponse, extend_schema

from branding.api.exceptions import Refusal
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


class Schema(AutoSchema):
    """Names operations after their address, and what is sent after what is told."""

    def get_operation_id(self) -> str:
        """What is done there: `photos_list`, `photos_create`, but `renders_again`."""
        words = self.path.removeprefix("/api/v1/").split("/")
        named = [word for word in words if not word.startswith("{")]
        return "_".join(named) if len(named) > 1 else super().get_operation_id()

    def get_serializer_name(self, serializer: Any, direction: Any) -> str:
        """Without the ending that what is sent gets anyway."""
        return super().get_serializer_name(serializer, direction).removesuffix("Request")

    def _get_paginator(self) -> Any:
        """What is read comes a page at a time; what was just made comes whole."""
        return super()._get_paginator() if self.method == "GET" else None

    def get_tags(self) -> list[str]:
        """The first word of the address."""
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
    """Describe one operation: what it does, what it takes, what it answers, what it refuses."""
    told: dict[Any, Any] = dict(answer) if isinstance(answer, Mapping) else {status: answer}
    examples = _examples(example, asked, status)
    for code in (400, 401, 403, 406, 429, *refused):
        told[(code, "application/json")] = OpenApiResponse(Refusal, description=WORDS[code])
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
    """Describe a list: what it can be asked for; a page that never was is not found."""
    asked = (query,) if query().fields else ()
    return operation(summary, answer, example=example, refused=(404,), parameters=asked)


def strict(result: Any, generator: Any, request: Any, public: Any) -> Any:  # noqa: ARG001
    """Say of everything that is read strictly that it takes no other fields."""
    for serializer in Strict.__subclasses__():
        name = serializer.__name__.removesuffix("Serializer").removesuffix("Request")
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
