"""The Django app: the doors for programs."""

from django.apps import AppConfig


class ApiConfig(AppConfig):
    name = "branding.api"
    label = "api"
