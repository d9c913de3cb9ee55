"""A deleted account leaves nothing in the files of the database."""

from pathlib import Path

import pytest
from django.db import connection

from branding.accounts import services
from tests.support.people import person, photo_of

NAMES = (b"the-vanishing-person", b"the-vanishing-photo")


def names_in_files():
    """Which of the names are in the database file or its write-ahead log."""
    file = Path(connection.settings_dict["NAME"])
    files = (file, file.with_name(f"{file.name}-wal"))
    content = b"".join(path.read_bytes() for path in files if path.exists())
    return [name for name in NAMES if name in content]


@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif(connection.vendor != "sqlite", reason="PostgreSQL overwrites by VACUUM")
def test_deleted_account_leaves_no_trace_in_the_database_files():
    owner = person("the-vanishing-person")
    photo_of(owner, name="the-vanishing-photo.jpg")
    assert names_in_files() == list(NAMES)
    services.delete_account(owner)
    assert names_in_files() == []
