"""Reading rows of many tables as they are at one moment."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection, transaction


@contextmanager
def read_snapshot() -> Iterator[None]:
    """Read all rows as they are at one moment, without making anybody who writes wait.

    On SQLite a transaction that begins as DEFERRED reads from the write-ahead log and takes no
    lock that writers need (https://www.sqlite.org/wal.html#concurrency).
    """
    connection.ensure_connection()
    usual_mode = getattr(connection, "transaction_mode", None)
    if connection.vendor == "sqlite":
        connection.transaction_mode = "DEFERRED"  # type: ignore[attr-defined]
    try:
        with transaction.atomic():
            if connection.vendor == "postgresql":
                with connection.cursor() as cursor:
                    cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
            yield
    finally:
        if connection.vendor == "sqlite":
            connection.transaction_mode = usual_mode  # type: ignore[attr-defined]
