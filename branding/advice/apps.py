"""The Django app for advice on headshots."""

from django.apps import AppConfig


class AdviceConfig(AppConfig):
    name = "branding.advice"
