"""The Django app for user accounts."""

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "branding.accounts"
