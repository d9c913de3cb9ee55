"""The Django project: settings, user accounts, brand kits, the API and the pages."""

from branding.celery import app as celery_app

__all__ = ["celery_app"]
