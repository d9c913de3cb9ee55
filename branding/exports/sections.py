"""What an export contains, read from sections.toml."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any, Final

from django.apps import apps
from django.db import models

from branding.accounts.models import User

SECTIONS_FILE: Final = Path(__file__).with_name("sections.toml")
LEFT_OUT_TABLE: Final = "left_out"  # of models that are not exported
EXPORT_FORMAT: Final = 1
ROWS_NAME: Final = "account.json"
SCHEMA_NAME: Final = "schema.json"
MISSING_NAME: Final = "missing.json"  # files that rows name and the storage lacks
FILE_KEY: Final = "file"  # of a row that has a file: its name in the archive
# Sections whose rows have a file, and its folder.
FILE_FOLDERS: Final[Mapping[str, str]] = {
    "photos": "photos",
    "headshots": "headshots",
    "previous_pictures": "previous-pictures",
}


@dataclass(frozen=True)
class ExportSection:
    """One kind of rows in an export; sections.toml explains the attributes."""

    name: str
    model_label: str
    owner: str
    description: str
    fields: Mapping[str, str]
    left_out: Mapping[str, str] = field(default_factory=dict)
    own_ids: tuple[str, ...] = ()
    is_imported: bool = True

    @property
    def model(self) -> type[models.Model]:
        """The Django model."""
        return apps.get_model(self.model_label)

    @property
    def has_files(self) -> bool:
        """Whether a row may have a file."""
        return self.name in FILE_FOLDERS

    def model_fields(self) -> Iterator[models.Field[Any, Any]]:
        """Yield the fields of the model that are exported."""
        for name in self.fields:
            model_field = self.model._meta.get_field(name)
            assert isinstance(model_field, models.Field)
            yield model_field

    def select(self, owner: User) -> models.QuerySet[Any]:
        """Select the rows of an owner, in a stable order."""
        return self.model._base_manager.filter(**{self.owner: owner.pk}).order_by("pk")


@cache
def all_sections() -> tuple[ExportSection, ...]:
    """Return the sections, in the order in which an import makes their rows."""
    tables = tomllib.loads(SECTIONS_FILE.read_text())
    tables.pop(LEFT_OUT_TABLE)
    return tuple(_parse_section(name, table) for name, table in tables.items())


def imported_sections() -> tuple[ExportSection, ...]:
    """Return the sections whose rows an import makes."""
    return tuple(section for section in all_sections() if section.is_imported)


def _parse_section(name: str, table: dict[str, Any]) -> ExportSection:
    values = {key: value for key, value in table.items() if key not in ("model", "own_ids")}
    own_ids = tuple(table.get("own_ids", ()))
    return ExportSection(name, table["model"], own_ids=own_ids, **values)
