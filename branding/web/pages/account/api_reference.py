"""The page of the API, generated from the committed OpenAPI schema."""

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final

import yaml
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_GET

import branding.api
from branding.web.responses import render_page

SCHEMA: Final = Path(branding.api.__file__).with_name("openapi.yaml")


@dataclass(frozen=True)
class OperationEntry:
    """One API operation, as the page shows it."""

    method: str
    path: str
    summary: str
    parameters: list[dict[str, Any]]
    body: list[tuple[str, str]]
    takes: str
    answers: list[str]


@cache
def group_operations() -> dict[str, list[OperationEntry]]:
    """Return the operations, grouped by their first tag, in the order of the schema."""
    schema = yaml.safe_load(SCHEMA.read_text())
    groups: dict[str, list[OperationEntry]] = {}
    for path, methods in schema["paths"].items():
        for method, operation in methods.items():
            groups.setdefault(operation["tags"][0], []).append(
                _operation_entry(schema, method, path, operation)
            )
    return groups


def _operation_entry(schema: Any, method: str, path: str, operation: Any) -> OperationEntry:
    content = operation.get("requestBody", {}).get("content", {})
    no_content: tuple[str, dict[str, Any]] = ("", {})
    media_type, body = next(iter(content.items()), no_content)
    return OperationEntry(
        method.upper(),
        path,
        operation["summary"],
        [parameter for parameter in operation.get("parameters", []) if parameter["in"] != "path"],
        _schema_fields(schema, body.get("schema", {})),
        media_type,
        sorted(operation["responses"]),
    )


def _schema_fields(schema: Any, definition: Any) -> list[tuple[str, str]]:
    if "$ref" in definition:
        definition = schema["components"]["schemas"][definition["$ref"].rpartition("/")[2]]
    properties = definition.get("properties", {})
    return [(name, branch.get("description", "")) for name, branch in properties.items()]


@require_GET
def show_api_reference(request: HttpRequest) -> HttpResponse:
    """Show the API. It needs no sign-in, because it contains nothing personal."""
    return render_page(
        request,
        "account/programs",
        here="account",
        chapters=group_operations(),
        site=settings.SITE_URL,
    )
