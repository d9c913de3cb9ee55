"""The Django app of the webhooks; its label is older than its name."""

from django.apps import AppConfig


class WebhooksConfig(AppConfig):
    name = "branding.webhooks"
    label = "hooks"
