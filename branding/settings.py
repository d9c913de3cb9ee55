"""Django's settings; what differs between places comes from the environment."""

from pathlib import Path

from branding import env

BASE_DIR = Path(__file__).resolve().parent.parent

# The engine's commands keep no sessions and serve no pages, so they need no secret of their own.
SECRET_KEY = env.text("SECRET_KEY", "no-pages-are-served-yet")
DEBUG = env.flag("DEBUG")

INSTALLED_APPS = ["headshots"]

USE_TZ = True
TIME_ZONE = "UTC"
LANGUAGE_CODE = "en"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
