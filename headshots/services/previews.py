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

PATIENCE = 8.0  # seconds after which no answer is expected any more
LOOK_AGAIN = 0.03  # seconds between two looks into the cache
REFUSAL = b"refused "  # starts an answer that is an error
LIFETIME = 30  # seconds an unread answer is kept


async def ask(task: str, *arguments: Any) -> bytes:
    """Send a task to a worker and wait for its answer.

    The task gets the cache key of the answer as its first argument, then `arguments`, which must be
    serializable as JSON. Raises WorkerBusy if no worker answers in time, and a FacetError with
    code, message and advice of the error that the worker answered with.
    """
    key = f"answer:{uuid4().hex}"
    question = signature(task, (key, *arguments), ignore_result=True, expires=PATIENCE)
    try:
        await sync_to_async(question.delay)()
    except (
        OSError,
        OperationalError,
    ) as error:  # of the file system transport, and of every other broker
        raise WorkerBusy("The darkroom cannot be asked at the moment.") from error
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        answer = await cache.aget(key)
        if answer is not None:
            await cache.adelete(key)
            return _read(answer)
        await asyncio.sleep(LOOK_AGAIN)
    raise WorkerBusy("The darkroom is busy and did not answer in time.")


def _read(answer: bytes) -> bytes:
    """Return an answer, or raise the error that it carries."""
    if answer.startswith(REFUSAL):
        told = json.loads(answer.removeprefix(REFUSAL))
        error = FacetError(told["message"], advice=told["advice"])
        error.code = told["code"]
        raise error
    return answer


def refusal(error: FacetError) -> bytes:
    """Encode an error as an answer, which is raised in the process that asked."""
    told = {"code": error.code, "message": error.message, "advice": error.advice}
    return REFUSAL + json.dumps(told).encode()


def answer(key: str, data: bytes) -> None:
    """Store an answer for the process that waits for it."""
    cache.set(key, data, LIFETIME)


def lend(data: bytes) -> str:
    """Store bytes in the cache for a worker, for LIFETIME_SECONDS; returns their key."""
    key = f"lent:{uuid4().hex}"
    cache.set(key, data, LIFETIME)
    return key


def fetch(key: str) -> bytes | None:
    """Return the bytes of a key and delete them; None if they are gone."""
    data = cache.get(key)
    cache.delete(key)
    return data


def as_json(**values: Any) -> bytes:
    """Encode an answer that is no picture as JSON."""
    return json.dumps(values).encode()
