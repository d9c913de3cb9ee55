"""The Django app: getting a variant onto a platform."""

from django.apps import AppConfig


class IntegrationsConfig(AppConfig):
    name = "integrations"
