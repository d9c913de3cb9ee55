"""The JSON Schema of the rows in an export, generated from the sections and their models."""

from __future__ import annotations

import json
from typing import Any, Final

from django.db import models

from branding.exports.sections import EXPORT_FORMAT, FILE_KEY, ExportSection, all_sections

DIALECT: Final = "https://json-schema.org/draft/2020-12/schema"
NUMBER_FIELDS: Final = {
    models.BooleanField: "boolean",
    models.FloatField: "number",
    models.IntegerField: "integer",
}


def build_schema() -> dict[str, Any]:
    """Return the schema of account.json."""
    sections = all_sections()
    return {
        "$schema": DIALECT,
        "title": "Export of a Facet account",
        "description": "The file account.json of an export. Times are in UTC, by RFC 3339.",
        "type": "object",
        "required": ["format", "exported_at", *(section.name for section in sections)],
        "properties": {
            "format": {"const": EXPORT_FORMAT, "description": "The version of this format."},
            "exported_at": {"type": "string", "format": "date-time"},
            **{section.name: _describe_section(section) for section in sections},
        },
    }


def format_schema() -> str:
    """Return the schema as the text of a file."""
    return json.dumps(build_schema(), indent=1)


def _describe_section(section: ExportSection) -> dict[str, Any]:
    properties = {
        model_field.name: {
            **_describe_value(model_field),
            "description": section.fields[model_field.name],
        }
        for model_field in section.model_fields()
    }
    if section.has_files:
        properties[FILE_KEY] = {
            "type": ["string", "null"],
            "description": "The name of the picture's file in the archive; null without one.",
        }
    row = {"type": "object", "required": list(properties), "properties": properties}
    return {"type": "array", "description": section.description, "items": row}


def _describe_value(model_field: models.Field[Any, Any]) -> dict[str, Any]:
    """Return the schema of the values of a field."""
    if isinstance(model_field, models.ManyToManyField):
        return {"type": "array", "items": {"type": "string", "format": "uuid"}}
    if isinstance(model_field, models.JSONField):
        return {}
    schema = _describe_scalar(model_field)
    if model_field.choices and not model_field.null:
        schema["enum"] = [value for value, _ in model_field.flatchoices]
    if model_field.null:
        schema["type"] = [schema["type"], "null"]
    return schema


def _describe_scalar(model_field: models.Field[Any, Any]) -> dict[str, Any]:
    if isinstance(model_field, models.ForeignKey):
        return _describe_scalar(model_field.target_field)
    if isinstance(model_field, models.UUIDField):
        return {"type": "string", "format": "uuid"}
    if isinstance(model_field, models.DateTimeField):
        return {"type": "string", "format": "date-time"}
    if isinstance(model_field, models.DateField):
        return {"type": "string", "format": "date"}
    for field_class, json_type in NUMBER_FIELDS.items():
        if isinstance(model_field, field_class):
            return {"type": json_type}
    return {"type": "string"}
