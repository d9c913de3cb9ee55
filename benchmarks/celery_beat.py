"""Facet's settings with django-celery-beat beside it: one entry a schedule, read by its beat."""

from branding.settings import *  # noqa: F403
from branding.settings import INSTALLED_APPS

INSTALLED_APPS += ["django_celery_beat"]
CELERY_BEAT_SCHEDULE = {}
