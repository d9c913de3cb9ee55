"""manage.py rotate_keys: seal everything that is sealed with the first key of VAULT_KEY."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from branding.accounts import two_factor
from branding.operations import start_checks
from integrations.connections import key_rotation
from integrations.models import get_vault


class Command(BaseCommand):
    help = "Seal all secrets with the first key of VAULT_KEY; the others are not needed afterwards."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--forget-unreadable",
            action="store_true",
            help="delete the secrets whose key is lost: people then connect their accounts again",
        )

    def handle(self, *_: Any, **options: Any) -> None:
        """Encrypt everything again.

        To replace a key: put the new one before the old one in VAULT_KEY, separated by a comma;
        restart; run this command; remove the old key.
        """
        if options["forget_unreadable"]:
            used_keys = key_rotation.count_rows_by_key() + two_factor.count_factors_by_key()
            lost_keys = set(used_keys) - get_vault().key_ids
            forgotten = key_rotation.forget_rows_of_keys(lost_keys)
            forgotten += two_factor.forget_factors_of_keys(lost_keys)
            self.stdout.write(f"{forgotten} secrets that nobody can read any more are deleted.")
        start_checks.require_usable_installation()
        count = key_rotation.rotate_vault_key() + two_factor.reseal_factors()
        self.stdout.write(f"{count} sealed again with the key {get_vault().key_id}.")
