"""Rows of the database as lines of JSON, without anything that would open an account."""

import base64
import json
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import IO, Any, Final

from django.apps import apps
from django.core import serializers
from django.core.management.color import no_style
from django.core.serializers.json import DjangoJSONEncoder
from django.db import DEFAULT_DB_ALIAS, connections, models

from integrations.models import get_vault

# Sessions, codes and sign-ins that are under way: restoring a backup signs everybody out.
LEFT_OUT: Final = {
    "account.emailconfirmation",
    "accounts.queuedemail",
    "api.answered",
    "integrations.handshake",
    "oauth2_provider.devicegrant",
    "oauth2_provider.grant",
    "operations.sign",
    "sessions.session",
    "usersessions.usersession",
}
# Filled by migrate or by running processes: rows in them do not count as data.
AUTOMATIC_TABLES: Final = {"contenttypes.contenttype", "auth.permission", "operations.tally"}
# Secret addresses, which are not encrypted in the database but are in a backup.
SEALED_FIELDS: Final[Mapping[str, str]] = {
    "integrations.avataraddress": "token",
    "integrations.calendaraddress": "token",
}
SEALED_PREFIX: Final = "sealed"
Row = dict[str, Any]  # `model`, `pk` and `fields`, as Django serializes it


class _PreciseJSONEncoder(DjangoJSONEncoder):
    """Encodes datetimes with microseconds; Django's encoder truncates them to milliseconds."""

    def default(self, o: Any) -> Any:
        return o.isoformat() if isinstance(o, datetime) else super().default(o)


def backed_up_models() -> list[type[models.Model]]:
    """Return every model that is backed up, sorted so that referenced models come first."""
    app_list = [(config, None) for config in apps.get_app_configs()]
    return [
        model
        for model in serializers.sort_dependencies(app_list, allow_cycles=True)
        if model._meta.label_lower not in LEFT_OUT and not model._meta.proxy
    ]


def has_rows() -> bool:
    """Whether somebody's data are in the database."""
    return any(
        model._base_manager.exists()
        for model in backed_up_models()
        if model._meta.label_lower not in AUTOMATIC_TABLES
    )


def write_rows(target: IO[bytes], *, using: str = DEFAULT_DB_ALIAS) -> int:
    """Write every row as a line of JSON; return how many."""
    row_count = 0
    for model in backed_up_models():
        queryset = model._base_manager.using(using).order_by("pk")
        for instance in queryset.iterator(chunk_size=500):
            row = _seal_row(serializers.serialize("python", [instance])[0])
            line = json.dumps(row, cls=_PreciseJSONEncoder, ensure_ascii=False)
            target.write(f"{line}\n".encode())
            row_count += 1
    return row_count


def read_rows(source: IO[bytes]) -> Iterator[Row]:
    """Yield the rows of an archive; those that older versions should have left out are skipped."""
    for line in iter(source.readline, b""):
        row: Row = json.loads(line)
        if row["model"] not in LEFT_OUT:
            yield row


def replace_rows(rows: Iterable[Row]) -> None:
    """Delete all rows, also of the models that are left out, and insert others in their place.

    Call it in a transaction.
    """
    connection = connections[DEFAULT_DB_ALIAS]
    connection.ops.execute_sql_flush(
        connection.ops.sql_flush(no_style(), _all_tables(), allow_cascade=True)
    )
    for row in serializers.deserialize("python", map(_unseal_row, rows)):
        row.save()
    with connection.cursor() as cursor:
        for statement in connection.ops.sequence_reset_sql(no_style(), backed_up_models()):
            cursor.execute(statement)


def _all_tables() -> list[str]:
    """Return every table of our models except the heartbeats of running processes."""
    tables = connections[DEFAULT_DB_ALIAS].introspection.django_table_names(
        only_existing=True, include_views=False
    )
    return [table for table in tables if table != "operations_sign"]


def _seal_row(row: Row) -> Row:
    """Encrypt the secret field of a row, if it has one that is not encrypted yet."""
    field = SEALED_FIELDS.get(row["model"])
    if field is None or row["fields"][field].startswith(f"{SEALED_PREFIX}:"):
        return row
    vault = get_vault()
    sealed = vault.seal({field: row["fields"][field]}, purpose=_purpose_of(row))
    text = f"{SEALED_PREFIX}:{vault.key_id}:{base64.b64encode(sealed).decode()}"
    return row | {"fields": row["fields"] | {field: text}}


def _unseal_row(row: Row) -> Row:
    """Decrypt what `_seal_row` encrypted. Raises Unreadable without its key."""
    field = SEALED_FIELDS.get(row["model"])
    if field is None or not row["fields"][field].startswith(f"{SEALED_PREFIX}:"):
        return row
    _, key_id, sealed = row["fields"][field].split(":")
    data = get_vault().unseal(base64.b64decode(sealed), key_id=key_id, purpose=_purpose_of(row))
    return row | {"fields": row["fields"] | data}


def _purpose_of(row: Row) -> str:
    return f"backup:{row['model']}:{row['pk']}"
