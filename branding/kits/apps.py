"""The Django app: the brand a person wants to be seen with."""

from django.apps import AppConfig


class KitsConfig(AppConfig):
    name = "branding.kits"
