"""The Django apps of the pages and of their static files."""

from django.apps import AppConfig
from django.contrib.staticfiles.apps import StaticFilesConfig


class WebConfig(AppConfig):
    name = "branding.web"
    default = True


class StaticFiles(StaticFilesConfig):
    """Collects static files except those that no page uses, to start faster."""

    ignore_patterns = [*StaticFilesConfig.ignore_patterns, "rest_framework", "htmax-*"]
