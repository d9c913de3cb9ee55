"""A worker that is started again whenever it dies: `python -m tests.faults.workers`.

Everything is loaded once; each worker is a fork of it, a process that is killed on its own. The
pid of each is printed.
"""

import os
import sys
from importlib import import_module

import django

django.setup()

from branding.celery import app  # noqa: E402
from integrations import tasks  # noqa: E402, F401
from tests.faults.rate_limits import remove_rate_limits  # noqa: E402

# Modules that Celery imports when a worker starts.
LAZY_MODULES = (
    "apps.worker",
    "bin.celery",
    "bin.worker",
    "concurrency.thread",
    "worker.components",
    "worker.consumer",
    "worker.strategy",
)
STANDALONE_OPTIONS = ("--without-gossip", "--without-mingle", "--without-heartbeat")
OPTIONS = ("--quiet", "worker", "--pool=threads", "--concurrency=6", *STANDALONE_OPTIONS)


def main():
    remove_rate_limits()
    app.loader.import_default_modules()
    app.finalize()
    for name in LAZY_MODULES:
        import_module(f"celery.{name}")
    while True:
        child = os.fork()
        if child == 0:
            app.worker_main(OPTIONS)
            sys.exit()
        print(child, flush=True)
        os.waitpid(child, 0)


if __name__ == "__main__":
    main()
