"""`make bench-worker`: what a worker still holds after many headshots.

One process makes sheets of ten looks, each from its own copy of the sample photo, and deletes
them. Memory, open files and temporary files are printed along the way; HEADSHOTS=… for how many.
"""

import subprocess
import sys
import tempfile

from branding import env
from tests.support.installation import ROOT

DEFAULT_HEADSHOTS = 1000


def main() -> None:
    """Make as many headshots as the command line says, over a data folder of their own."""
    count = sys.argv[1] if len(sys.argv) > 1 else str(DEFAULT_HEADSHOTS)
    with tempfile.TemporaryDirectory() as folder:
        environment = env.environment_with(
            DATA_DIR=f"{folder}/data", TMPDIR=folder, DJANGO_SETTINGS_MODULE="branding.settings"
        )
        for command in (
            ["manage.py", "migrate", "-v0"],
            ["-m", "benchmarks.worker_sheets", folder, count],
        ):
            subprocess.run([sys.executable, *command], cwd=ROOT, env=environment, check=True)


if __name__ == "__main__":
    main()
