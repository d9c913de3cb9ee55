"""Storage settings: database, pictures, static files and cache."""

from pathlib import Path

import dj_database_url

from branding import env
from branding.settings.base import DATA_DIR

DATABASE_URL = env.read_url(
    "DATABASE_URL",
    schemes={"postgres", "postgresql", "sqlite"},
    example="postgres://user:password@host/name",
    needs_host=False,
)
DATABASES = {
    "default": dj_database_url.parse(DATABASE_URL or "sqlite://")
    # Not as part of a URL, because a path may contain any sign.
    | ({} if DATABASE_URL else {"NAME": str(DATA_DIR / "facet.sqlite3")})
}
if DATABASES["default"]["ENGINE"] == "django.db.backends.sqlite3":
    DATABASES["default"] |= {
        "OPTIONS": {
            # Transactions take the write lock when they begin, so that writers wait.
            "transaction_mode": "IMMEDIATE",
            "timeout": 20,
            "init_command": (
                "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA cache_size=-32000;"
                " PRAGMA secure_delete=ON;"  # deleted rows are overwritten in the file
            ),
        },
    }
elif DATABASES["default"]["ENGINE"] == "django.db.backends.postgresql":
    # A pool instead of persistent connections: under ASGI each request has its own thread.
    DATABASES["default"]["CONN_HEALTH_CHECKS"] = True  # replace connections that a restart ended
    DATABASES["default"].setdefault("OPTIONS", {})["pool"] = {
        "min_size": 1,
        "max_size": 8,
        "timeout": 20,  # seconds, as with SQLite: a request waits rather than fails
    }

MEDIA_ROOT = DATA_DIR / "media"
S3_BUCKET = env.read_text("S3_BUCKET")
STORAGES = {
    "default": (
        {
            "BACKEND": "headshots.storage.s3.BucketStorage",
            "OPTIONS": {
                "bucket_name": S3_BUCKET,
                "endpoint_url": env.read_address("S3_ENDPOINT_URL") or None,
                "region_name": env.read_text("S3_REGION") or None,
                "access_key": env.read_text("S3_ACCESS_KEY") or None,
                "secret_key": env.read_text("S3_SECRET_KEY") or None,
            },
        }
        if S3_BUCKET
        else {"BACKEND": "headshots.storage.disk.AtomicFiles"}
    ),
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}
WHITENOISE_KEEP_ONLY_HASHED_FILES = True
STATIC_URL = "/static/"
STATIC_ROOT = Path(env.read_text("STATIC_DIR", str(DATA_DIR / "static")))

CACHE_URL = env.read_url(
    "CACHE_URL",
    schemes={"redis", "rediss", "unix"},
    example="redis://:password@host:6379/1",
    needs_host=False,
)
CACHES = {
    "default": (
        {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": CACHE_URL}
        if CACHE_URL
        else {
            "BACKEND": "django.core.cache.backends.filebased.FileBasedCache",
            "LOCATION": DATA_DIR / "cache",
            "OPTIONS": {"MAX_ENTRIES": 2000},
        }
    )
}
