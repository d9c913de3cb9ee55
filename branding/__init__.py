"""The project: settings, people, brand kits and pages."""

from branding.celery import app as celery_app

__all__ = ["celery_app"]
