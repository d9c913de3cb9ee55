"""The Django app of photos and headshots."""

from django.apps import AppConfig


class HeadshotsConfig(AppConfig):
    """Configuration of the app, which depends on no brand, platform or page."""

    name = "headshots"
    verbose_name = "Headshots"
