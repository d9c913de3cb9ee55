"""The Django app for brand kits."""

from django.apps import AppConfig


class KitsConfig(AppConfig):
    name = "branding.kits"
