"""Pictures that nobody keeps: asked for, waited for, shown, forgotten.

A question goes to a worker as a message, its answer comes back through the cache under a name that
only the asker knows. Lost on the way, it is simply asked again.
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

PATIENCE = 8.0  # seconds
LOOK_AGAIN = 0.03  # seconds
REFUSAL = b"refused "
LIFETIME = 30  # seconds an unread answer is kept


async def ask(task: str, *arguments: Any) -> bytes:
    """What a worker answers; WorkerBusy if none does in time, the worker's FacetError as it was told.

    `arguments` must survive JSON. The task gets the answer's name first.
    """
    key = f"answer:{uuid4().hex}"
    question = signature(task, (key, *arguments), ignore_result=True, expires=PATIENCE)
    try:
        await sync_to_async(question.delay)()
    except (OSError, OperationalError) as error:  # the folder's, and any other broker's
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
    """The answer, or the refusal it carries, raised."""
    if answer.startswith(REFUSAL):
        told = json.loads(answer.removeprefix(REFUSAL))
        error = FacetError(told["message"], advice=told["advice"])
        error.code = told["code"]
        raise error
    return answer


def refusal(error: FacetError) -> bytes:
    """An answer that is raised on the asker's side."""
    told = {"code": error.code, "message": error.message, "advice": error.advice}
    return REFUSAL + json.dumps(told).encode()


def answer(key: str, data: bytes) -> None:
    """Hand an answer to whoever waits for it."""
    cache.set(key, data, LIFETIME)


def lend(data: bytes) -> str:
    """Leave bytes for a worker to fetch, for seconds; returns their name."""
    key = f"lent:{uuid4().hex}"
    cache.set(key, data, LIFETIME)
    return key


def fetch(key: str) -> bytes | None:
    """What was lent under a name, once."""
    data = cache.get(key)
    cache.delete(key)
    return data


def as_json(**values: Any) -> bytes:
    """An answer in words instead of a picture."""
    return json.dumps(values).encode()
