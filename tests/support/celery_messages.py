"""The messages in the folder of the test broker, and a worker that executes them."""

import base64
import json
import threading
import time
from contextlib import contextmanager
from pathlib import Path

from django.conf import settings
from django.db import connections

from branding.celery import app
from branding.webhooks import tasks as hooks  # noqa: F401
from headshots import tasks as headshots_tasks  # noqa: F401  a worker knows its tasks
from integrations import tasks as integrations_tasks  # noqa: F401

FOLDER = Path(settings.CELERY_BROKER_TRANSPORT_OPTIONS["folder"])


def waiting():
    """Return the task and the arguments of every message, oldest first."""
    return [_read(path) for path in sorted(FOLDER.glob("*.msg"))]


def lose():
    """Delete every message."""
    for path in FOLDER.glob("*.msg"):
        path.unlink(missing_ok=True)


def deliver():
    """Execute all messages and those they lead to; return their number."""
    count = 0
    while paths := sorted(FOLDER.glob("*.msg")):
        for path in paths:
            task, arguments = _read(path)
            path.unlink()
            app.tasks[task](*arguments)
            count += 1
    return count


@contextmanager
def worker():
    """Execute messages in a thread while the block runs."""
    over = threading.Event()

    def work():
        while not over.is_set():
            deliver()
            time.sleep(0.01)
        connections.close_all()

    thread = threading.Thread(target=work)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


@contextmanager
def broken_broker():
    """Make the broker fail while the block runs: a file replaces its folder."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    aside = FOLDER.with_name("broker aside")
    FOLDER.rename(aside)
    FOLDER.write_text("not a folder")
    try:
        yield
    finally:
        FOLDER.unlink()
        aside.rename(FOLDER)


def _read(path):
    message = json.loads(path.read_text())
    arguments, _, _ = json.loads(base64.b64decode(message["body"]))
    return message["headers"]["task"], arguments
