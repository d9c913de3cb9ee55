"""The Django apps: the pages, and the files they are made of."""

from django.apps import AppConfig
from django.contrib.staticfiles.apps import StaticFilesConfig


class WebConfig(AppConfig):
    name = "branding.web"
    default = True


class StaticFiles(StaticFilesConfig):
    """Static files without those that no page of ours asks for: a start waits for each of them."""

    ignore_patterns = [*StaticFilesConfig.ignore_patterns, "rest_framework", "htmax-*"]
