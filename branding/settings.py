"""Django's settings; what differs between places comes from the environment (README, Settings)."""

from pathlib import Path
from urllib.parse import urlsplit

import dj_database_url
from csp.constants import NONE, SELF
from django.urls import reverse_lazy

from branding import env
from branding.accounts import post
from branding.programs import (  # noqa: F401  settings too
    OAUTH2_PROVIDER,
    OAUTH2_PROVIDER_APPLICATION_MODEL,
    REST_FRAMEWORK,
    SPECTACULAR_SETTINGS,
)
from branding.secrets import lazy_secret, phrase, vault_key

BASE_DIR = Path(__file__).resolve().parent.parent
DATA_DIR = Path(env.text("DATA_DIR", str(BASE_DIR / "var"))).resolve()
DATA_DIR.mkdir(mode=0o700, parents=True, exist_ok=True)

SECRET_KEY = lazy_secret("SECRET_KEY", DATA_DIR / "secrets", phrase)
VAULT_KEY = lazy_secret("VAULT_KEY", DATA_DIR / "secrets", vault_key)
DEBUG = env.flag("DEBUG")
HOST = env.text("HOST", "127.0.0.1")
PORT = env.number("PORT", 8000)  # 0: any that is free
SITE_URL = env.text("SITE_URL", f"http://localhost:{PORT}").rstrip("/")
SECURE = SITE_URL.startswith("https://")
ALLOWED_HOSTS = [
    urlsplit(SITE_URL).hostname,
    *env.words("ALLOWED_HOSTS", "localhost,127.0.0.1,[::1]"),
]
TRUSTED_PROXIES = env.text("TRUSTED_PROXIES", "127.0.0.1")
CSRF_TRUSTED_ORIGINS = env.words("CSRF_TRUSTED_ORIGINS", SITE_URL)

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.humanize",
    "django.contrib.messages",
    "django.contrib.sessions",
    "branding.web.apps.StaticFiles",
    "branding.web",  # before allauth: its templates win
    "branding.accounts",
    "branding.kits",
    "branding.operations",
    "branding.api",
    "branding.hooks",
    "integrations",
    "headshots",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.usersessions",
    "csp",
    "django_htmx",
    "drf_spectacular",
    "oauth2_provider",
    "rest_framework",
]

MIDDLEWARE = [
    "branding.operations.watch.watched",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "branding.accounts.activity.Activity",
    "django_htmx.middleware.HtmxMiddleware",
    "branding.failures.Failures",
]

ROOT_URLCONF = "branding.urls"
ASGI_APPLICATION = "branding.asgi.application"
WSGI_APPLICATION = "branding.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    }
]

# What is kept: rows, files, messages on their way to a worker, and short-lived answers.
DATABASES = {
    "default": dj_database_url.parse(
        env.text("DATABASE_URL", f"sqlite:///{DATA_DIR / 'facet.sqlite3'}")
    )
}
if DATABASES["default"]["ENGINE"] == "django.db.backends.sqlite3":
    DATABASES["default"] |= {
        "OPTIONS": {
            # Writers queue instead of failing: they take the lock when they begin, not half-way.
            "transaction_mode": "IMMEDIATE",
            "timeout": 20,
            "init_command": (
                "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA cache_size=-32000;"
            ),
        },
    }
elif DATABASES["default"]["ENGINE"] == "django.db.backends.postgresql":
    # A pool and no persistent connections: under ASGI each request has a thread of its own.
    DATABASES["default"]["CONN_HEALTH_CHECKS"] = True  # none that a restart of the database ended
    DATABASES["default"].setdefault("OPTIONS", {})["pool"] = {
        "min_size": 1,
        "max_size": 8,
        "timeout": 5,
    }

MEDIA_ROOT = DATA_DIR / "media"
S3_BUCKET = env.text("S3_BUCKET")
STORAGES = {
    "default": (
        {
            "BACKEND": "headshots.buckets.Bucket",
            "OPTIONS": {
                "bucket_name": S3_BUCKET,
                "endpoint_url": env.text("S3_ENDPOINT_URL") or None,
                "region_name": env.text("S3_REGION") or None,
                "access_key": env.text("S3_ACCESS_KEY") or None,
                "secret_key": env.text("S3_SECRET_KEY") or None,
            },
        }
        if S3_BUCKET
        else {"BACKEND": "headshots.storage.AtomicFiles"}
    ),
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}
WHITENOISE_KEEP_ONLY_HASHED_FILES = True
STATIC_URL = "/static/"
STATIC_ROOT = DATA_DIR / "static"

CACHE_URL = env.text("CACHE_URL")
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

# Messages are words about rows: losing one loses nothing, the next tick says it again.
CELERY_BROKER_URL = env.text("CELERY_BROKER_URL", "folder://localhost")
CELERY_BROKER_TRANSPORT_OPTIONS = (
    {"folder": str(DATA_DIR / "broker"), "polling_interval": 0.05}
    if CELERY_BROKER_URL == "folder://localhost"
    else {"visibility_timeout": 600}
)
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_TASK_SERIALIZER = "json"
CELERY_IMPORTS = ["branding.api.tasks", "branding.hooks.tasks", "integrations.tasks"]
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ROUTES = {"headshots.paint": {"queue": "gpu"}}  # read by a worker that paints only
CELERY_TASK_ACKS_LATE = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_ENABLE_REMOTE_CONTROL = False
CELERY_BEAT_SCHEDULE_FILENAME = str(DATA_DIR / "beat")

# How long a render may show no progress before another worker takes it over, and how often it may
# be taken over: a photo that ends its worker every time is given up in the end.
RENDER_LEASE_SECONDS = env.number("RENDER_LEASE_SECONDS", 15)
RENDER_ATTEMPTS = env.number("RENDER_ATTEMPTS", 25)
TICK_SECONDS = env.number("TICK_SECONDS", 5)
CELERY_BEAT_SCHEDULE = {
    # A message that was not read before the next one is dropped, so that they never pile up.
    "tick": {
        "task": "headshots.tick",
        "schedule": TICK_SECONDS,
        "options": {"expires": TICK_SECONDS},
    },
    # Once a second, so that what is due is late by half of one; it finds nothing in one query.
    "due": {"task": "integrations.due", "schedule": 1, "options": {"expires": 1}},
    "hooks": {"task": "hooks.tick", "schedule": TICK_SECONDS, "options": {"expires": TICK_SECONDS}},
    "forget_deliveries": {"task": "hooks.forget", "schedule": 3600, "options": {"expires": 600}},
    "forget_answers": {"task": "api.forget", "schedule": 3600, "options": {"expires": 600}},
    "sweep": {"task": "headshots.sweep", "schedule": 3600, "options": {"expires": 600}},
    "publish": {
        "task": "integrations.tick",
        "schedule": TICK_SECONDS,
        "options": {"expires": TICK_SECONDS},
    },
    "tend": {"task": "integrations.tend", "schedule": 300, "options": {"expires": 240}},
}
# How long a sending may show no sign of life before it is looked for at the platform: longer than
# all the calls of one sending may take.
PUBLISH_LEASE_SECONDS = env.number("PUBLISH_LEASE_SECONDS", 240)
PUBLISH_ATTEMPTS = env.number("PUBLISH_ATTEMPTS", 9)  # tries after which the person is asked
PUBLISH_LOOKS = (5, 30, 300, 3600)  # seconds between looks at what was accepted; then days
PUBLISH_RETRY_SECONDS = 5  # until the second try; three times as long each time, an hour at most
PUBLISH_RETELL_SECONDS = 60  # after which an unanswered message counts as lost
PUBLISH_DIGEST_SECONDS = 120  # that news wait for more of them before a letter is sent
# Schedules: how far a crowd of one minute is spread, how late a run counts as missed, how many one
# person may have, and how long a run may show no sign of life.
SCHEDULE_SPREAD = env.number("SCHEDULE_SPREAD_SECONDS", 240)
SCHEDULE_LATE = 3600  # seconds
SCHEDULE_LIMIT = 50
SCHEDULE_LEASE_SECONDS = 120
SCHEDULE_INTERVAL = 24 * 3600  # seconds that schedules leave between two changes, at least
PHOTO_LIMIT = env.number("PHOTO_LIMIT", 60)  # photos an account may keep
# Image models that paint places and clothes, names or folders, the preferred first; and on what.
MODELS_DIR = Path(env.text("MODELS_DIR", str(DATA_DIR / "models")))
MODELS = env.words("MODELS", "klein,qwen,zimage,sdxl")
PAINT_PATIENCE_SECONDS = 600  # that a painting waits for a worker before it is given up
PAINT_DEVICE = env.text("PAINT_DEVICE")  # cuda, mps, xpu or cpu; the best one if not said
DATA_UPLOAD_MAX_NUMBER_FILES = 200  # the page takes fewer, and says so of each one
DATA_UPLOAD_MAX_MEMORY_SIZE = 2_000_000  # form fields; files are limited by the engine

# Platforms: what the operator got from each, as <PLATFORM>_CLIENT_ID and _CLIENT_SECRET.
PLATFORM_KEYS = env.ending("_CLIENT_ID", "_CLIENT_SECRET")
PLC_URL = env.text("PLC_URL", "https://plc.directory")  # where atproto accounts are looked up
OPEN_LOOPBACK = env.flag("OPEN_LOOPBACK")  # for development and tests: speak to this machine
if OPEN_LOOPBACK:
    env.put("OAUTHLIB_INSECURE_TRANSPORT", "1")  # http to loopback; the outbound door decides

# People.
EMAIL_URL = env.text("EMAIL_URL")
vars().update(post.by(EMAIL_URL))
OUTBOX = DATA_DIR / "outbox"
DEFAULT_FROM_EMAIL = env.text("EMAIL_FROM", f"Facet <facet@{urlsplit(SITE_URL).hostname}>")
AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in (
        "UserAttributeSimilarityValidator",
        "MinimumLengthValidator",
        "CommonPasswordValidator",
    )
]
LOGIN_URL = reverse_lazy("account_login")
LOGIN_REDIRECT_URL = reverse_lazy("web:sheets")
LOGOUT_REDIRECT_URL = reverse_lazy("web:home")
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_EMAIL_VERIFICATION = "mandatory" if EMAIL_URL else "optional"
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ACCOUNT_DEFAULT_HTTP_PROTOCOL = "https" if SECURE else "http"
MFA_ADAPTER = "branding.accounts.factors.SealedFactors"
MFA_TOTP_ISSUER = "Facet"
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
ACCOUNT_RATE_LIMITS = {"oauth": "120/m/ip"}  # beside those of allauth: programs for tokens
USERSESSIONS_TRACK_ACTIVITY = True  # shown; branding.accounts.activity notes it
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = not SECURE  # localhost without TLS

# Programs, beyond branding/programs.py: who the metadata and every answer say they are from.
OAUTH2_PROVIDER["OIDC_ISS_ENDPOINT"] = SITE_URL

# Safety.
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
SECURE_SSL_REDIRECT = SECURE
SECURE_HSTS_SECONDS = 31_536_000 if SECURE else 0
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
# What neighbouring hosts do, and a browser's preload list, are for the domain's owner to decide.
SILENCED_SYSTEM_CHECKS = ["security.W005", "security.W021"]
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "blob:", "data:"],
        "media-src": [SELF, "blob:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
        "manifest-src": [SELF],
    }
}

# Only what somebody should read: no line for a page that is not there. What libraries say to their
# own developers is not said at any level: it holds keys, tokens and people's words.
LOG_LEVEL = env.text("LOG_LEVEL", "WARNING").upper()
LOG_FORMAT = env.text("LOG_FORMAT", "text")
TALKATIVE = (
    *("amqp", "boto3", "botocore", "celery", "django.db", "kombu"),
    *("oauth2_provider", "oauthlib", "s3transfer", "urllib3"),
)
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "filters": {"following": {"()": "branding.operations.logs.Following"}},
    "formatters": {
        "text": {"()": "branding.operations.logs.Line"},
        "json": {"()": "branding.operations.logs.JsonLine"},
    },
    "handlers": {
        "terminal": {
            "class": "logging.StreamHandler",
            "formatter": LOG_FORMAT,
            "filters": ["following"],
        }
    },
    "root": {"handlers": ["terminal"], "level": LOG_LEVEL},
    "loggers": {
        "django": {"handlers": [], "propagate": True},
        "django.request": {"level": "ERROR"},
        "django.security.DisallowedHost": {"level": "CRITICAL"},
        **({name: {"level": "INFO"} for name in TALKATIVE} if LOG_LEVEL == "DEBUG" else {}),
    },
}
METRICS_TOKEN = env.text("METRICS_TOKEN")
OTLP_ENDPOINT = env.address("OTEL_EXPORTER_OTLP_ENDPOINT")

USE_TZ = True
TIME_ZONE = "UTC"
LANGUAGE_CODE = "en"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
