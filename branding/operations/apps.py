"""The Django app: what whoever runs this installation needs."""

from importlib import import_module

from django.apps import AppConfig


class OperationsConfig(AppConfig):
    """Listens to Celery in every process."""

    name = "branding.operations"
    label = "operations"

    def ready(self) -> None:
        """Connect to Celery's signals; the models must be there before."""
        import_module("branding.operations.messages")
