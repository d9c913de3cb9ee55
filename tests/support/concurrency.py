"""Several things done at once, each in a thread with a connection of its own."""

import threading
from concurrent.futures import ThreadPoolExecutor

from django.db import connections


def together(*calls):
    """The results of calls that begin at the same moment."""
    ready = threading.Barrier(len(calls))

    def run(call):
        ready.wait(10)
        try:
            return call()
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(calls)) as pool:
        return [future.result() for future in [pool.submit(run, call) for call in calls]]
