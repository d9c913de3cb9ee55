"""The Django app: webhooks."""

from django.apps import AppConfig


class HooksConfig(AppConfig):
    name = "branding.webhooks"
    label = "hooks"
