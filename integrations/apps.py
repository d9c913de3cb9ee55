"""The Django app that publishes headshots at places and platforms."""

from django.apps import AppConfig


class IntegrationsConfig(AppConfig):
    name = "integrations"
