"""Postprocessing hooks of drf-spectacular: they complete the schema that it generates."""

import re
from collections.abc import Iterator
from typing import Any, Final

from drf_spectacular.drainage import get_override

from branding.api.idempotency import KEY_HEADER, REPLAYED_HEADER
from branding.api.validation import StrictSerializer

BLANK: Final = {"type": "string", "maxLength": 0}
RETRY_AFTER: Final = {
    "description": "The seconds to wait before the next request.",
    "schema": {"type": "integer", "minimum": 0},
}
REPLAYED: Final = {
    "description": "`true` if this response was stored for an earlier request with the same key.",
    "schema": {"type": "string", "enum": ["true"]},
}
LOCATION: Final = {
    "description": "The URL of what was created, if it has one.",
    "schema": {"type": "string", "format": "uri-reference"},
}

SIGNATURE_HEADERS: Final = [
    {
        "in": "header",
        "name": name,
        "required": True,
        "schema": {"type": kind},
        "description": description,
    }
    for name, kind, description in (
        ("webhook-id", "string", "The same at each repetition of a message."),
        ("webhook-timestamp", "integer", "When it was sent, in seconds of Unix time."),
        (
            "webhook-signature",
            "string",
            "`v1,` and the HMAC-SHA256 of id, timestamp and body, by Standard Webhooks.",
        ),
    )
]


def forbid_unknown_fields(result: Any, **_: Any) -> Any:
    """Set `additionalProperties: false` on every request component that is read strictly."""
    for serializer in StrictSerializer.__subclasses__():
        component_name = get_override(serializer, "component_name", serializer.__name__)
        component_name = component_name.removesuffix("Serializer").removesuffix("Request")
        for request_name in (f"{component_name}Request", f"Patched{component_name}Request"):
            if request_name in result["components"]["schemas"]:
                result["components"]["schemas"][request_name]["additionalProperties"] = False
    return result


def replace_nullable(result: Any, **_: Any) -> Any:
    """Write `nullable`, which OpenAPI 3.1 removed, as the type "null" of JSON Schema."""
    for node in _mappings(result):
        if node.get("nullable") is True and isinstance(node.get("type"), str):
            del node["nullable"]
            node["type"] = [node["type"], "null"]
    return result


def merge_blank_alternatives(result: Any, **_: Any) -> Any:
    """Drop the alternative "empty string" where the other one allows it as well.

    An empty string would match both, and then it does not match `oneOf`.
    """
    for node in _mappings(result):
        alternatives = node.get("oneOf", [])
        if len(alternatives) == 2 and alternatives[1] == BLANK and _allows_blank(alternatives[0]):
            del node["oneOf"]
            node.update(alternatives[0])
    return result


def merge_blank_choices(result: Any, **_: Any) -> Any:
    """Write "one of the choices, or empty" as one enumeration.

    Generated clients have trouble with a `oneOf` of two enumerations.
    """
    schemas = result["components"]["schemas"]
    for node in _mappings(result):
        references = [choice.get("$ref", "") for choice in node.get("oneOf", [])]
        if len(references) == 2 and references[1].endswith("/BlankEnum"):
            choices = schemas[references[0].rpartition("/")[2]]["enum"]
            del node["oneOf"]
            node.update(type="string", enum=[*choices, ""])
    used = {node["$ref"].rpartition("/")[2] for node in _mappings(result) if "$ref" in node}
    for name in [name for name in schemas if name.endswith("Enum") and name not in used]:
        del schemas[name]
    return result


def describe_response_headers(result: Any, **_: Any) -> Any:
    """Describe the headers that responses of several operations have."""
    for methods in result["paths"].values():
        for method, operation in methods.items():
            is_repeatable = _accepts_key(operation)
            for status, response in operation["responses"].items():
                headers = response.setdefault("headers", {})
                if status == "429":
                    headers["Retry-After"] = RETRY_AFTER
                if status in {"201", "202"} and method == "post":
                    headers["Location"] = LOCATION
                if status.startswith("2") and is_repeatable:
                    headers[REPLAYED_HEADER] = REPLAYED
                if not headers:
                    del response["headers"]
    return result


def describe_signature(result: Any, **_: Any) -> Any:
    """Describe the headers that sign the messages of webhooks."""
    for methods in result.get("webhooks", {}).values():
        for operation in methods.values():
            operation["parameters"] = SIGNATURE_HEADERS
            operation["security"] = []
    return result


def _accepts_key(operation: Any) -> bool:
    return any(parameter["name"] == KEY_HEADER for parameter in operation.get("parameters", ()))


def _allows_blank(schema: Any) -> bool:
    pattern = schema.get("pattern", "")
    return (
        schema.get("type") == "string"
        and not schema.get("minLength")
        and re.search(pattern, "") is not None
    )


def _mappings(node: Any) -> Iterator[dict[str, Any]]:
    """Yield every mapping within a schema, the outer ones first."""
    if isinstance(node, dict):
        yield node
    children = node.values() if isinstance(node, dict) else node if isinstance(node, list) else ()
    for child in list(children):
        yield from _mappings(child)
