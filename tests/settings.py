"""Facet's settings for tests: a folder of its own for each process, and nothing slow or sent."""

import os
import tempfile
from pathlib import Path

# The first process makes the folder and clears it away; its workers and children share it.
if "TESTS_DIR" not in os.environ:
    folder = tempfile.TemporaryDirectory(prefix="facet-tests-", ignore_cleanup_errors=True)
    os.environ["TESTS_DIR"] = folder.name
os.environ["DATA_DIR"] = str(
    Path(os.environ["TESTS_DIR"]) / os.environ.get("PYTEST_XDIST_WORKER", "alone")
)
os.environ["OPEN_LOOPBACK"] = "1"  # servers of tests listen there

from branding.settings import *
from branding.settings import DATA_DIR, DATABASES, STORAGES

# A file in WAL mode as at home, not memory: threads and killed processes meet the real locks.
if DATABASES["default"]["ENGINE"] == "django.db.backends.sqlite3":
    DATABASES["default"] |= {"TEST": {"NAME": str(DATA_DIR / "tests.sqlite3")}}

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
STORAGES |= {"staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}}
CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
WHITENOISE_AUTOREFRESH = WHITENOISE_USE_FINDERS = True  # no collected files are needed
