"""Concurrent calls, each in a thread with a database connection of its own."""

import threading
from concurrent.futures import ThreadPoolExecutor

from django.db import connections


def together(*calls):
    """Start all calls at the same moment and return their results."""
    ready = threading.Barrier(len(calls))

    def run(call):
        ready.wait(10)
        try:
            return call()
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(calls)) as pool:
        return [future.result() for future in [pool.submit(run, call) for call in calls]]
