"""Requests to a worker whose answer is waited for and not stored: previews, samples, checks.

The request is a Celery message; the answer comes back through the cache, under a random key that
only the requesting process knows. A request that is lost is simply made again.
"""

import asyncio
import json
import time
from typing import Any
from uuid import uuid4

from asgiref.sync import sync_to_async
from celery import signature
from django.core.cache import cache
from kombu.exceptions import OperationalError

from headshots.errors import FacetError, WorkerBusy
from headshots.isolation import give_back_connection

ANSWER_TIMEOUT_SECONDS = 8.0  # seconds after which no answer is expected any more
POLL_INTERVAL_SECONDS = 0.03  # between two reads of the cache
ERROR_PREFIX = b"refused "  # starts an answer that is an error
LIFETIME_SECONDS = 30  # seconds an unread answer is kept


async def ask_worker(
    task_name: str, *arguments: Any, timeout_seconds: float | None = None
) -> bytes:
    """Send a task to a worker and wait for its answer, ANSWER_TIMEOUT_SECONDS or as long as said.

    The task gets the cache key of the answer as its first argument, then `arguments`, which must be
    serializable as JSON. Raises WorkerBusy if no worker answers in time, and a FacetError with
    code, message and advice of the error that the worker answered with.
    """
    answer_key = f"answer:{uuid4().hex}"
    timeout = timeout_seconds or ANSWER_TIMEOUT_SECONDS
    message = signature(task_name, (answer_key, *arguments), ignore_result=True, expires=timeout)
    try:
        await sync_to_async(message.delay)()
    # OSError comes from the file system transport, OperationalError from every other broker.
    except (OSError, OperationalError) as error:
        raise WorkerBusy("Previews are not available at the moment.") from error
    await sync_to_async(give_back_connection)()
    return await _await_answer(answer_key, timeout)


async def _await_answer(answer_key: str, timeout_seconds: float) -> bytes:
    """Poll the cache for an answer; raises WorkerBusy if there is none in time."""
    deadline = time.monotonic() + timeout_seconds
    while time.monotonic() < deadline:
        answer = await cache.aget(answer_key)
        if answer is not None:
            await cache.adelete(answer_key)
            return _decode_answer(answer)
        await asyncio.sleep(POLL_INTERVAL_SECONDS)
    raise WorkerBusy("Too many previews are being made, and yours was not made in time.")


def _decode_answer(answer: bytes) -> bytes:
    """Return an answer, or raise the error that it carries."""
    if answer.startswith(ERROR_PREFIX):
        error_fields = json.loads(answer.removeprefix(ERROR_PREFIX))
        error = FacetError(error_fields["message"], advice=error_fields["advice"])
        error.code = error_fields["code"]
        raise error
    return answer


def encode_error(error: FacetError) -> bytes:
    """Encode an error as an answer, which is raised in the process that asked."""
    error_fields = {"code": error.code, "message": error.message, "advice": error.advice}
    return ERROR_PREFIX + json.dumps(error_fields).encode()


def store_answer(answer_key: str, answer_bytes: bytes) -> None:
    """Store an answer for the process that waits for it."""
    cache.set(answer_key, answer_bytes, LIFETIME_SECONDS)


def lend_bytes(file_bytes: bytes) -> str:
    """Store bytes in the cache for a worker, for LIFETIME_SECONDS; returns their key."""
    bytes_key = f"lent:{uuid4().hex}"
    cache.set(bytes_key, file_bytes, LIFETIME_SECONDS)
    return bytes_key


def take_bytes(bytes_key: str) -> bytes | None:
    """Return the bytes of a key and delete them; None if they are gone."""
    file_bytes = cache.get(bytes_key)
    cache.delete(bytes_key)
    return file_bytes


def encode_json(**values: Any) -> bytes:
    """Encode an answer that is no picture as JSON."""
    return json.dumps(values).encode()
