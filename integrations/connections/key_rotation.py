"""Keys of the vault: which rows need which, sealing rows with a new one, deleting lost rows."""

from collections import Counter
from collections.abc import Collection, Iterator

from django.apps import apps
from django.db import transaction
from django.db.models import Count
from django.utils.translation import gettext as _

from headshots.isolation import run_for_each
from integrations.models import Connection, Sealed, get_vault


def count_rows_by_key() -> Counter[str]:
    """Return how many rows are sealed with each key, by the id of the key."""
    counts: Counter[str] = Counter()
    for model in _sealed_models():
        rows = model._default_manager.order_by().values_list("key_id")
        counts.update(dict(rows.annotate(many=Count("pk"))))
    return counts


def forget_rows_of_keys(lost_key_ids: Collection[str]) -> int:
    """Delete the rows that are sealed with lost keys; return how many.

    Their connections are lost, and can be connected again.
    """
    with transaction.atomic():
        connected = Connection.objects.filter(state=Connection.State.CONNECTED)
        connected.filter(grant__key_id__in=lost_key_ids).update(
            state=Connection.State.LOST, reason=_("The encryption key of this server was lost.")
        )
        return sum(
            model._default_manager.filter(key_id__in=lost_key_ids).delete()[1].get(label, 0)
            for model, label in ((model, model._meta.label) for model in _sealed_models())
        )


def rotate_vault_key() -> int:
    """Seal every row with the first key of VAULT_KEY and return how many rows were changed.

    A row that somebody else writes meanwhile is skipped: its writer seals with the first key
    anyway. A row that cannot be opened is logged and stays as it is.
    """
    current_key_id = get_vault().key_id
    return sum(
        sum(run_for_each("key rotation", rows.iterator(), _reseal_row))
        for model in _sealed_models()
        for rows in [model._default_manager.exclude(key_id=current_key_id)]
    )


def _reseal_row(row: Sealed) -> int:
    """Seal a row with the current key; return 0 if somebody else has changed it meanwhile."""
    sealed_before = bytes(row.sealed)
    row.seal(row.unseal())
    unchanged_rows = type(row)._default_manager.filter(pk=row.pk, sealed=sealed_before)
    return unchanged_rows.update(sealed=row.sealed, key_id=row.key_id)


def _sealed_models() -> Iterator[type[Sealed]]:
    return (model for model in apps.get_models() if issubclass(model, Sealed))
