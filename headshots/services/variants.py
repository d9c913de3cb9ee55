"""The verbs of variants: keep, discard, restore, describe, delete."""

from django.db import transaction
from django.utils import timezone

from headshots.models import Variant
from headshots.services.photos import forget_unused


def keep(variant: Variant) -> None:
    """Mark as one to stay."""
    _set(variant, kept=True, discarded_at=None)


def discard(variant: Variant) -> None:
    """Lay aside; it can be restored."""
    _set(variant, kept=False, discarded_at=timezone.now())


def restore(variant: Variant) -> None:
    """Take back from the discarded."""
    _set(variant, discarded_at=None)


def describe(variant: Variant, text: str) -> None:
    """Say what the picture shows, for people who cannot see it; platforms get it as alt text."""
    _set(variant, alt_text=text.strip()[:300])


def delete(variant: Variant) -> None:
    """Delete for good, the files too; also one that is just being finished."""
    with transaction.atomic():
        row = Variant.objects.select_for_update().filter(pk=variant.pk).first()
        if row is None:
            return
        name, owner = row.picture, row.owner_id
        row.delete()
        transaction.on_commit(lambda: forget_unused(owner, {name} - {""}))


def _set(variant: Variant, **values: object) -> None:
    Variant.objects.filter(pk=variant.pk).update(**values)
    for name, value in values.items():
        setattr(variant, name, value)
