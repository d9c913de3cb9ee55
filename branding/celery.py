"""Celery: carries words about rows; what is to be done stands in the rows themselves."""

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "branding.settings")  # noqa: TID251

app = Celery("facet")
app.config_from_object("django.conf:settings", namespace="CELERY")
