"""The Django app for operating an installation."""

from importlib import import_module

from django.apps import AppConfig

from headshots.isolation import give_back_connection
from integrations.outbound import http_adapter


class OperationsConfig(AppConfig):
    """Connects receivers to Celery's signals, and calls to other servers to the database's pool."""

    name = "branding.operations"
    label = "operations"

    def ready(self) -> None:
        """Import receivers and checks, which need the loaded models."""
        import_module("branding.operations.celery_signals")
        http_adapter.before_calls.append(give_back_connection)
        import_module("branding.operations.start_checks")
