"""The Django app: photos and what is made from them."""

from django.apps import AppConfig


class HeadshotsConfig(AppConfig):
    """Knows no brand, no platform and no page."""

    name = "headshots"
    verbose_name = "Headshots"
