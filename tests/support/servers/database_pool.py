"""Threads that use the database and then wait, as many as PostgreSQL's pool has connections."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from django.contrib.auth import get_user_model
from django.db import connection

POOL_SIZE = 8  # connections of a process, in branding/settings/storage.py


def use_database(wait: Callable[..., object], *arguments: Any) -> None:
    """Ask the database something, then wait as a request does whose connection is still open."""
    get_user_model().objects.count()
    try:
        wait(*arguments)
    finally:
        connection.close()


def assert_database_is_free() -> None:
    """Ask the database something from a thread that has no connection yet."""
    with ThreadPoolExecutor(1) as pool:
        pool.submit(use_database, str).result()
