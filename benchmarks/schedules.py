"""`make bench-publish`: a million schedules on PostgreSQL, and the same with django-celery-beat.

PostgreSQL, Redis, Celery beat and a worker run on this machine. Lateness is measured when the
message of a run reaches the worker.
"""

import subprocess
import sys
import tempfile
from pathlib import Path

from branding import env
from tests.support.servers.postgres import postgres
from tests.support.servers.programs import ROOT
from tests.support.servers.redis import redis_server

SCHEDULE_COUNT = "1000000"


def main(schedule_count: str = SCHEDULE_COUNT) -> None:
    """Start the servers, then measure in a process that is configured for them."""
    with (
        tempfile.TemporaryDirectory(prefix="facet-bench-") as folder,
        postgres(shared_buffers="1GB", max_wal_size="4GB") as database,
        redis_server(Path(folder)) as broker,
    ):
        environment = env.environment_with(
            DATABASE_URL=database,
            CELERY_BROKER_URL=f"redis://{broker}/0",
            DATA_DIR=folder,
            DJANGO_SETTINGS_MODULE="benchmarks.celery_beat",
        )
        command = [sys.executable, "-m", "benchmarks.schedule_load", schedule_count, folder]
        subprocess.run(command, cwd=ROOT, env=environment, check=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
