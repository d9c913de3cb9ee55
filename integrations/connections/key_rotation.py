"""Rotation of the vault's key: every sealed row is opened and sealed with the new key."""

from django.apps import apps

from headshots.isolation import run_for_each
from integrations.models import Sealed, get_vault


def rotate_vault_key() -> int:
    """Seal every row with the first key of VAULT_KEY and return how many rows were changed.

    A row that somebody else writes meanwhile is skipped: its writer seals with the first key
    anyway. A row that cannot be opened is logged and stays as it is.
    """
    current_key_id = get_vault().key_id
    sealed_models = [model for model in apps.get_models() if issubclass(model, Sealed)]
    return sum(
        sum(run_for_each("key rotation", rows.iterator(), _reseal_row))
        for model in sealed_models
        for rows in [model._default_manager.exclude(key_id=current_key_id)]
    )


def _reseal_row(row: Sealed) -> int:
    """Seal a row with the current key; return 0 if somebody else has changed it meanwhile."""
    sealed_before = bytes(row.sealed)
    row.seal(row.unseal())
    unchanged_rows = type(row)._default_manager.filter(pk=row.pk, sealed=sealed_before)
    return unchanged_rows.update(sealed=row.sealed, key_id=row.key_id)
