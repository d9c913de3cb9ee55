"""Changing the vault's key: every sealed row, opened with its old key and sealed with the new."""

from django.apps import apps

from integrations.models import Sealed, vault


def rotate() -> int:
    """Seal every row with the first key of VAULT_KEY; returns how many there were to seal.

    A row that is written meanwhile is left to its writer, who seals with the first key anyway.
    """
    current, changed = vault().key_id, 0
    for model in apps.get_models():
        if not issubclass(model, Sealed):
            continue
        for row in model._default_manager.exclude(key_id=current).iterator():
            before = bytes(row.sealed)
            row.seal(row.unseal())
            same = model._default_manager.filter(pk=row.pk, sealed=before)
            changed += same.update(sealed=row.sealed, key_id=row.key_id)
    return changed
