"""Moving house: a backup on PostgreSQL; pictures to a bucket and back, killed half-way."""

import re
import subprocess
import sys

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage

from branding import env
from branding.operations.stored_files import copy_missing_files, stored_names
from headshots.storage.disk import AtomicFiles
from tests.support.processes import wait_until
from tests.support.servers import s3
from tests.support.servers.postgres import postgres
from tests.support.servers.programs import ROOT

pytestmark = pytest.mark.slow
FILE_COUNT = 400


def test_backup_keeps_its_promises_on_postgresql(tmp_path):
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-n0",
        "-p",
        "no:cacheprovider",
        "tests/operations/test_backup.py",
    ]
    with postgres(fsync="off") as url:
        world = env.environment_with(
            DATABASE_URL=url, TESTS_DIR=str(tmp_path), PYTEST_XDIST_WORKER="alone"
        )
        done = subprocess.run(
            command, cwd=ROOT, env=world, capture_output=True, text=True, check=False
        )
    assert done.returncode == 0, done.stdout[-4000:]
    assert int(re.search(r"(\d+) passed", done.stdout)[1]) >= 10


@pytest.fixture
def disk(tmp_path):
    """A folder with many pictures, and a draft of one."""
    files = AtomicFiles(tmp_path / "media")
    for number in range(FILE_COUNT):
        name = f"pictures/{number % 7}/{number}/{number % 4}.jpg"
        files.save(name, ContentFile(number.to_bytes(2, "big") * 500))
    files.save("incoming/draft", ContentFile(b"half"))
    return files


def all_content(storage):
    return {name: storage.open(name).read() for name in stored_names(storage)}


def start_move(address, bucket, tmp_path):
    world = env.environment_with(
        DJANGO_SETTINGS_MODULE="branding.settings",
        DATA_DIR=str(tmp_path),
        S3_BUCKET=bucket,
        S3_ENDPOINT_URL=address,
        S3_ACCESS_KEY=s3.KEYS["access_key"],
        S3_SECRET_KEY=s3.KEYS["secret_key"],
        S3_REGION=s3.KEYS["region_name"],
    )
    command = [sys.executable, "manage.py", "move_storage", "bucket"]
    return subprocess.Popen(command, cwd=ROOT, env=world, stdout=subprocess.PIPE, text=True)


def test_killed_move_goes_on_and_every_file_is_equal(object_store, bucket, disk, tmp_path):
    first = start_move(object_store, bucket, tmp_path)
    wait_until(lambda: sum(1 for _ in stored_names(default_storage)) > 20, 30)
    first.kill()
    first.wait()
    moved_count = sum(1 for _ in stored_names(default_storage))
    assert 20 < moved_count < FILE_COUNT
    second = start_move(object_store, bucket, tmp_path)
    output = second.communicate(timeout=60)[0]
    assert second.returncode == 0
    counts = re.fullmatch(r"(\d+) files are in the bucket, (\d+) new.\n", output)
    assert (
        int(counts[1]) == FILE_COUNT
        and FILE_COUNT - moved_count - 5 <= int(counts[2]) <= FILE_COUNT - moved_count
    )
    assert all_content(default_storage) == all_content(disk)


def test_way_back_to_the_disk_is_the_same(bucket, disk, tmp_path):
    assert sum(new for _, new in copy_missing_files(disk, default_storage)) == FILE_COUNT
    other = AtomicFiles(tmp_path / "other")
    assert sum(new for _, new in copy_missing_files(default_storage, other)) == FILE_COUNT
    assert sum(new for _, new in copy_missing_files(default_storage, other)) == 0
    assert all_content(other) == all_content(disk)
