"""Rotation of the vault's key: every sealed row is opened and sealed with the new key."""

from django.apps import apps

from integrations.models import Sealed, get_vault


def rotate_vault_key() -> int:
    """Seal every row with the first key of VAULT_KEY and return how many rows were changed.

    A row that somebody else writes meanwhile is skipped: its writer seals with the first key
    anyway.
    """
    current_key_id, resealed_count = get_vault().key_id, 0
    for model in apps.get_models():
        if not issubclass(model, Sealed):
            continue
        for row in model._default_manager.exclude(key_id=current_key_id).iterator():
            sealed_before = bytes(row.sealed)
            row.seal(row.unseal())
            unchanged_rows = model._default_manager.filter(pk=row.pk, sealed=sealed_before)
            resealed_count += unchanged_rows.update(sealed=row.sealed, key_id=row.key_id)
    return resealed_count
