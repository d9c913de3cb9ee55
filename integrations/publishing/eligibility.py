"""Check that a headshot may be published: it shows its owner, and goes to their own accounts."""

from headshots.engine import thresholds
from headshots.models import Variant
from integrations.errors import NotOwner, NotPublishable
from integrations.models import Connection


def require_allowed(variant: Variant, connection: Connection | None) -> None:
    """Raise NotPublishable or NotOwner unless the headshot shows the owner of the account.

    The likeness was measured against the owner's photo when the headshot was rendered. Only this
    number is stored, never a description of the face.
    """
    if not variant.is_ready:
        raise NotPublishable("This headshot is not ready.")
    if variant.likeness is None or not variant.likeness <= thresholds.MAX_LIKENESS_DISTANCE:
        raise NotOwner("This headshot was never measured against your photos.")
    if connection is not None and connection.owner_id != variant.owner_id:
        raise NotOwner("This headshot is somebody else's.")
