"""Configuration of the app in which other people choose between headshots."""

from django.apps import AppConfig


class JuriesConfig(AppConfig):
    name = "branding.juries"
