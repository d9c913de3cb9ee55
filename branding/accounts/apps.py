"""The Django app: who a person is here."""

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "branding.accounts"
