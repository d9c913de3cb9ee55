"""Actions on variants: keep, discard, restore, describe, delete."""

from django.db import transaction
from django.utils import timezone

from headshots.models import Variant
from headshots.services.photos import forget_unused


def keep(variant: Variant) -> None:
    """Mark a variant as kept."""
    _set(variant, kept=True, discarded_at=None)


def discard(variant: Variant) -> None:
    """Move a variant to the discarded ones, from which it can be restored."""
    _set(variant, kept=False, discarded_at=timezone.now())


def restore(variant: Variant) -> None:
    """Take a variant back from the discarded ones."""
    _set(variant, discarded_at=None)


def describe(variant: Variant, text: str) -> None:
    """Set the alternative text, which is also sent to platforms; cut to 300 characters."""
    _set(variant, alt_text=text.strip()[:300])


def delete(variant: Variant) -> None:
    """Delete a variant and its files; the row is locked, as a worker may be writing it."""
    with transaction.atomic():
        row = Variant.objects.select_for_update().filter(pk=variant.pk).first()
        if row is None:
            return
        name, owner = row.picture, row.owner_id
        row.delete()
        transaction.on_commit(lambda: forget_unused(owner, {name} - {""}))


def _set(variant: Variant, **values: object) -> None:
    """Update only these fields, in the row and in the instance."""
    Variant.objects.filter(pk=variant.pk).update(**values)
    for name, value in values.items():
        setattr(variant, name, value)
