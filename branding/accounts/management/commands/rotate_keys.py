"""manage.py rotate_keys: seal everything that is sealed with the first key of VAULT_KEY."""

from typing import Any

from django.core.management.base import BaseCommand

from branding.accounts import two_factor
from integrations.connections import key_rotation
from integrations.models import get_vault


class Command(BaseCommand):
    help = "Seal all secrets with the first key of VAULT_KEY; the others are not needed afterwards."

    def handle(self, *_: Any, **__: Any) -> None:
        """Encrypt everything again.

        To replace a key: put the new one before the old one in VAULT_KEY, separated by a comma;
        restart; run this command; remove the old key.
        """
        count = key_rotation.rotate_vault_key() + two_factor.reseal_factors()
        self.stdout.write(f"{count} sealed again with the key {get_vault().key_id}.")
