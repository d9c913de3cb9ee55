"""Who may be shown where: a headshot goes only to its own person's accounts."""

from headshots.engine import thresholds
from headshots.models import Variant
from integrations.errors import NotOwner, NotPublishable
from integrations.models import Connection


def require_allowed(variant: Variant, connection: Connection | None) -> None:
    """NotShowable or NotOwner unless the person of the account is the one in the headshot.

    The likeness was measured when it was made, against the person's own photo; only that number is
    kept, never a description of the face.
    """
    if not variant.is_ready:
        raise NotPublishable("This headshot is not ready.")
    if variant.likeness is None or not variant.likeness <= thresholds.LIKENESS:
        raise NotOwner("This headshot was never measured against your photos.")
    if connection is not None and connection.owner_id != variant.owner_id:
        raise NotOwner("This headshot is somebody else's.")
