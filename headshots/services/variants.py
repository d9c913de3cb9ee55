"""Actions on variants: keep, discard, restore, describe, delete."""

from django.db import transaction
from django.utils import timezone

from headshots.models import Variant
from headshots.services.photos import delete_unused_pictures


def keep_variant(variant: Variant) -> None:
    """Mark a variant as kept."""
    _update_fields(variant, kept=True, discarded_at=None)


def discard_variant(variant: Variant) -> None:
    """Move a variant to the discarded ones, from which it can be restored."""
    _update_fields(variant, kept=False, discarded_at=timezone.now())


def restore_variant(variant: Variant) -> None:
    """Take a variant back from the discarded ones."""
    _update_fields(variant, discarded_at=None)


def set_alt_text(variant: Variant, alt_text: str) -> None:
    """Set the alternative text, which is also sent to platforms; cut to 300 characters."""
    _update_fields(variant, alt_text=alt_text.strip()[:300])


def set_visible_mark(variant: Variant, *, is_wanted: bool) -> None:
    """Choose whether files of a headshot are marked as made with AI if its face was painted."""
    _update_fields(variant, visible_mark=is_wanted)


def delete_variant(variant: Variant) -> None:
    """Delete a variant and its files; the row is locked, as a worker may be writing it."""
    with transaction.atomic():
        locked_variant = Variant.objects.select_for_update().filter(pk=variant.pk).first()
        if locked_variant is None:
            return
        picture_name, owner_id = locked_variant.picture, locked_variant.owner_id
        locked_variant.delete()
        transaction.on_commit(lambda: delete_unused_pictures(owner_id, {picture_name} - {""}))


def _update_fields(variant: Variant, **values: object) -> None:
    """Update only these fields, in the row and in the instance."""
    Variant.objects.filter(pk=variant.pk).update(**values)
    for field_name, value in values.items():
        setattr(variant, field_name, value)
