"""An abstract model with an encrypted field, and the vault that encrypts it."""

from collections.abc import Mapping
from functools import cache
from typing import Any
from uuid import uuid4

from django.conf import settings
from django.db import models

from integrations.vault import Vault


@cache
def _open_vault(keys: str) -> Vault:
    return Vault(keys)


def get_vault() -> Vault:
    """Return the vault of this installation."""
    return _open_vault(str(settings.VAULT_KEY))


class Sealed(models.Model):
    """A row with secret data, encrypted by the vault for this row alone."""

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    sealed = models.BinaryField()
    key_id = models.CharField(max_length=12, db_index=True)

    class Meta:
        abstract = True

    def seal(self, data: Mapping[str, Any]) -> None:
        """Encrypt data into this row, without saving it."""
        self.sealed = get_vault().seal(data, purpose=self._purpose)
        self.key_id = get_vault().key_id

    def unseal(self) -> dict[str, Any]:
        """Return the decrypted data; Unreadable if its key is gone."""
        return get_vault().unseal(bytes(self.sealed), key_id=self.key_id, purpose=self._purpose)

    @property
    def _purpose(self) -> str:
        return f"{self._meta.label_lower}:{self.pk}"
