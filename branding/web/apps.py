"""The Django app: the pages."""

from django.apps import AppConfig


class WebConfig(AppConfig):
    name = "branding.web"
