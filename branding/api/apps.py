"""The Django app of the HTTP API."""

from importlib import import_module
from typing import Any

from allauth.account.signals import password_reset
from django.apps import AppConfig


class ApiConfig(AppConfig):
    name = "branding.api"
    label = "api"

    def ready(self) -> None:
        """End what a stolen password was used for when it is reset."""
        password_reset.connect(_end_access_after_reset)


def _end_access_after_reset(user: Any, **_: Any) -> None:
    import_module("branding.api.services").end_all_access(user)  # models can be imported now
