"""`make bench-worker`: what a worker still holds after many headshots.

The process makes sheets of all looks, each from its own copy of the sample photo, and deletes them.
DATA_DIR and TMPDIR name folders of its own.
"""

import os
import sys
import tempfile
from pathlib import Path

import django

django.setup()

from branding.accounts.models import User
from headshots import worker
from headshots.engine.recipes import built_in_looks
from headshots.models import Photo, Variant
from headshots.services import photos, renders

ROWS = 5  # measurements after that of the first sheet
LOOKS = list(built_in_looks().values())


def make_sheet(owner: User) -> None:
    """Add the sample photo, make a headshot in each look, and delete everything."""
    photo = photos.add_sample_photo(owner)
    worker.check_photo(photo.pk)
    render = renders.start_render(owner, [Photo.objects.get(pk=photo.pk)], LOOKS)
    worker.run_render(render.pk)
    ready_count = Variant.objects.filter(render=render, state=Variant.State.READY).count()
    assert ready_count == len(LOOKS), f"{ready_count} headshots instead of {len(LOOKS)}"
    photos.delete_all_pictures(owner)


def count_resources(folder: Path) -> tuple[int, int, int]:
    """Return resident memory in MB, open files and temporary files of this process."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    memory = pages * os.sysconf("SC_PAGE_SIZE") // 2**20
    temporary_files = [path for path in folder.iterdir() if path.name != "data"]
    return memory, len(list(Path("/proc/self/fd").iterdir())), len(temporary_files)


def main(folder: Path, headshot_count: int) -> None:
    """Make this many headshots; print what is held after the first sheet and along the way."""
    owner = User.objects.create_user("owner@example.com")
    sheet_count = max(1, headshot_count // len(LOOKS))
    print(f"{'headshots':>10} {'MB':>6} {'open files':>11} {'temporary files':>16}")
    for number in range(1, sheet_count + 1):
        make_sheet(owner)
        if number == 1 or number % max(1, sheet_count // ROWS) == 0:
            memory, open_files, temporary_files = count_resources(folder)
            headshots = number * len(LOOKS)
            print(f"{headshots:>10} {memory:>6} {open_files:>11} {temporary_files:>16}", flush=True)


if __name__ == "__main__":
    main(Path(tempfile.gettempdir()), int(sys.argv[1]))
