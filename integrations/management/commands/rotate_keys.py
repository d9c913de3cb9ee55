"""manage.py rotate_keys: seal every token with the first key of VAULT_KEY."""

from typing import Any

from django.core.management.base import BaseCommand

from integrations.models import vault
from integrations.services.keys import rotate


class Command(BaseCommand):
    help = "Seal every token with the first key of VAULT_KEY; the others are not needed afterwards."

    def handle(self, *_: Any, **__: Any) -> None:
        """Put a new key before the old one, by a comma, restart, run this, remove the old one."""
        self.stdout.write(f"{rotate()} sealed again with the key {vault().key_id}.")
