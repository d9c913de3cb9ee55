"""The Django app for operating an installation."""

from importlib import import_module

from django.apps import AppConfig


class OperationsConfig(AppConfig):
    """Connects receivers to Celery's signals, and the outbound client to the database's pool."""

    name = "branding.operations"
    label = "operations"

    def ready(self) -> None:
        """Import receivers and checks, which need the loaded models."""
        import_module("branding.operations.celery_signals")
        import_module("branding.database_connections")
        import_module("branding.operations.start_checks")
