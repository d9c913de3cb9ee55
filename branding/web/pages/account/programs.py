"""The page that says what programs can do, read from the schema that is committed."""

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final

import yaml
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_GET

import branding.api
from branding.web.responses import page

SCHEMA: Final = Path(branding.api.__file__).with_name("openapi.yaml")


@dataclass(frozen=True)
class Entry:
    """One operation, in the words a reader needs."""

    method: str
    path: str
    summary: str
    parameters: list[dict[str, Any]]
    body: list[tuple[str, str]]
    takes: str
    answers: list[str]


@cache
def chapters() -> dict[str, list[Entry]]:
    """Every operation by its first word, in the order of the schema."""
    schema = yaml.safe_load(SCHEMA.read_text())
    found: dict[str, list[Entry]] = {}
    for path, methods in schema["paths"].items():
        for method, told in methods.items():
            found.setdefault(told["tags"][0], []).append(_entry(schema, method, path, told))
    return found


def _entry(schema: Any, method: str, path: str, told: Any) -> Entry:
    content = told.get("requestBody", {}).get("content", {})
    takes, body = next(iter(content.items()), ("", {}))
    return Entry(
        method.upper(),
        path,
        told["summary"],
        [one for one in told.get("parameters", []) if one["in"] != "path"],
        _fields(schema, body.get("schema", {})),
        takes,
        sorted(told["responses"]),
    )


def _fields(schema: Any, told: Any) -> list[tuple[str, str]]:
    if "$ref" in told:
        told = schema["components"]["schemas"][told["$ref"].rpartition("/")[2]]
    properties = told.get("properties", {})
    return [(name, one.get("description", "")) for name, one in properties.items()]


@require_GET
def index(request: HttpRequest) -> HttpResponse:
    """For anyone: it says nothing about anybody."""
    return page(
        request, "account/programs", here="account", chapters=chapters(), site=settings.SITE_URL
    )
