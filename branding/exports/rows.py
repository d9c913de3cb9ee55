"""Rows of an export as instances of models, with new ids and the files that they name."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final
from uuid import UUID, uuid4, uuid5

from django.core.exceptions import ValidationError
from django.db import models

from branding.accounts.models import User
from branding.exports.adaptations import ADAPTATIONS
from branding.exports.archived_files import ArchivedFiles
from branding.exports.sections import FILE_KEY, ExportSection, imported_sections

UUID_PATTERN: Final = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
Row = Mapping[str, Any]


class RowReader:
    """Turns the rows of an export into instances that are not saved yet.

    Every id is replaced by a new one, so that an export can be imported beside its original. A row
    whose file is missing is left out, and so is every row that cannot be without it.
    """

    def __init__(self, owner: User, document: Mapping[str, Any], files: ArchivedFiles) -> None:
        self._owner = owner
        self._document = document
        self._files = files
        self._namespace = uuid4()
        self._known = {section.model: self._ids(section) for section in imported_sections()}

    def iterate_instances(self, section: ExportSection) -> Iterator[models.Model]:
        """Yield an instance for each row of a section."""
        for row in self._document[section.name]:
            if row.get(FILE_KEY) in self._files.missing:
                continue
            values = self._parse_row(section, row)
            if values is None:
                self._known[section.model].discard(row.get("id"))
                continue
            instance = section.model(**values, **self._owner_value(section))
            if section.has_files:
                self._files.attach(instance, row[FILE_KEY])
            adapt: Callable[[Any], None] | None = ADAPTATIONS.get(section.name)
            if adapt is not None:
                adapt(instance)
            yield instance

    def save_relations(self, section: ExportSection) -> None:
        """Save the many-to-many relations of a section whose rows are saved."""
        for model_field in section.model_fields():
            if isinstance(model_field, models.ManyToManyField):
                self._save_relation(section, model_field)

    def _save_relation(
        self, section: ExportSection, model_field: models.ManyToManyField[Any, Any]
    ) -> None:
        through = model_field.remote_field.through
        assert through is not None
        known = self._known[model_field.related_model]
        through._base_manager.bulk_create(
            through(
                **{
                    f"{model_field.m2m_field_name()}_id": self._new_id(row["id"]),
                    f"{model_field.m2m_reverse_field_name()}_id": self._new_id(related_id),
                }
            )
            for row in self._document[section.name]
            for related_id in row[model_field.name]
            if related_id in known
        )

    def _ids(self, section: ExportSection) -> set[str]:
        """Return the ids of the rows of a section whose files are there."""
        rows = self._document[section.name]
        return {
            row["id"]
            for row in rows
            if "id" in row and row.get(FILE_KEY) not in self._files.missing
        }

    def _owner_value(self, section: ExportSection) -> dict[str, Any]:
        return {"owner": self._owner} if section.owner == "owner" else {}

    def _parse_row(self, section: ExportSection, row: Row) -> dict[str, Any] | None:
        """Return the values of a row by attribute; None if it needs a row that is left out."""
        values = {}
        for model_field in section.model_fields():
            value = row[model_field.name]
            if isinstance(model_field, models.ManyToManyField):
                continue
            if isinstance(model_field, models.ForeignKey):
                value = value if value in self._known[model_field.related_model] else None
                if value is None and not model_field.null:
                    return None
            values[model_field.attname] = self._parse_value(section, model_field, value)
        return values

    def _parse_value(
        self, section: ExportSection, model_field: models.Field[Any, Any], value: Any
    ) -> Any:
        """Return a value as the model has it. Raises ValidationError if the field refuses it."""
        if value is None and model_field.null:
            return None
        if isinstance(model_field, models.UUIDField | models.ForeignKey):
            return self._new_id(value)
        if isinstance(model_field, models.JSONField):
            return self._renew_ids(value) if model_field.name in section.own_ids else value
        parsed = model_field.to_python(value)
        model_field.run_validators(parsed)
        if model_field.choices and parsed not in dict(model_field.flatchoices):
            raise ValidationError(f"{section.name}: {model_field.name} cannot be '{parsed}'")
        return parsed

    def _new_id(self, text: str) -> UUID:
        """Return the id that stands for an id of the export; always the same one."""
        return uuid5(self._namespace, str(UUID(text)))

    def _renew_ids(self, data: Any) -> Any:
        """Replace every id within plain data."""
        if isinstance(data, dict):
            return {self._renew_ids(key): self._renew_ids(value) for key, value in data.items()}
        if isinstance(data, list):
            return [self._renew_ids(value) for value in data]
        if isinstance(data, str):
            return UUID_PATTERN.sub(lambda match: str(self._new_id(match[0])), data)
        return data
