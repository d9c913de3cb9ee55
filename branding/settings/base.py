"""Settings that the other modules build on: folders, secrets, site URL, apps, middleware."""

import logging
import os
from pathlib import Path
from urllib.parse import urlsplit

from branding import env
from branding.secrets import generate_secret_key, generate_vault_key, lazy_secret

BASE_DIR = Path(__file__).resolve().parents[2]
os.umask(0o077)  # nobody else reads the files that are written
DATA_DIR, _mode_was_mended = env.read_private_folder("DATA_DIR", env.default_data_folder(BASE_DIR))
if _mode_was_mended:
    logging.getLogger(__name__).warning("%s was open to others; it is private now.", DATA_DIR)

SECRET_KEY = lazy_secret("SECRET_KEY", DATA_DIR / "secrets", generate_secret_key)
VAULT_KEY = lazy_secret("VAULT_KEY", DATA_DIR / "secrets", generate_vault_key)
DEBUG = env.read_flag("DEBUG")
HOST = env.read_text("HOST", "127.0.0.1")
PORT = env.read_number("PORT", 8000, minimum=0, maximum=65535)  # 0 selects any free port
SITE_URL = env.read_origin("SITE_URL", f"http://localhost:{PORT}")
SECURE = SITE_URL.startswith("https://")
ALLOWED_HOSTS = [
    urlsplit(SITE_URL).hostname,
    *env.read_list("ALLOWED_HOSTS", "localhost,127.0.0.1,[::1]"),
]
TRUSTED_PROXIES = env.read_networks("TRUSTED_PROXIES", "127.0.0.1")
CSRF_TRUSTED_ORIGINS = env.read_list("CSRF_TRUSTED_ORIGINS", SITE_URL)

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.humanize",
    "django.contrib.messages",
    "django.contrib.sessions",
    "branding.web.apps.StaticFiles",
    "branding.web",  # before allauth, to override its templates
    "branding.accounts",
    "branding.advice",
    "branding.juries",
    "branding.kits",
    "branding.operations",
    "branding.api",
    "branding.webhooks",
    "integrations",
    "headshots",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.usersessions",
    "corsheaders",
    "csp",
    "django_htmx",
    "drf_spectacular",
    "oauth2_provider",
    "rest_framework",
]

MIDDLEWARE = [
    "branding.operations.middleware.observability_middleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "branding.compression.JsonCompressionMiddleware",
    "branding.public_responses.ListedOriginsMiddleware",
    "csp.middleware.CSPMiddleware",
    "branding.public_responses.PublicResponseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "branding.accounts.language.LanguageMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "branding.accounts.session_activity.SessionActivityMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "branding.error_middleware.ErrorMiddleware",
]

ROOT_URLCONF = "branding.urls"
ASGI_APPLICATION = "branding.asgi.application"
WSGI_APPLICATION = "branding.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "builtins": ["branding.web.templatetags.wording"],
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    }
]

DATA_UPLOAD_MAX_NUMBER_FILES = 200  # the upload page accepts fewer and reports each rejected file
DATA_UPLOAD_MAX_MEMORY_SIZE = 2_000_000  # form fields; files are limited by the engine

USE_TZ = True
TIME_ZONE = "UTC"
LANGUAGE_CODE = "en"
# Only languages with a complete catalogue: a page is never half in one and half in another.
LANGUAGES = [("en", "English"), ("de", "Deutsch"), ("es", "Español"), ("fr", "Français")]
LOCALE_PATHS = [BASE_DIR / "branding" / "locale"]
FORMAT_MODULE_PATH = "branding.formats"  # English dates as in Europe
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
