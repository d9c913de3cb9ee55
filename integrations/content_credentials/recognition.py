"""Actions on the permission to recognize copies of a headshot, which its owner gives."""

from headshots.errors import NotReady
from headshots.models import Variant
from headshots.storage import pictures
from integrations import perceptual_hash
from integrations.models import RecognizableHeadshot


def allow_recognition(variant: Variant) -> None:
    """Let anyone who has a copy of the headshot find out that it was made here.

    A perceptual hash of the picture is stored, which is no description of the face. Raises NotReady
    for a headshot that is not finished.
    """
    if not variant.is_ready:
        raise NotReady("This headshot is not ready.")
    fingerprint = perceptual_hash.fingerprint_text(pictures.read_pixels(variant.picture))
    RecognizableHeadshot.objects.update_or_create(
        variant=variant, defaults={"fingerprint": fingerprint}
    )


def end_recognition(variant: Variant) -> None:
    """Forget the hash of a headshot, so that copies of it are not recognized any more."""
    RecognizableHeadshot.objects.filter(variant=variant).delete()


def is_recognizable(variant: Variant) -> bool:
    """Whether copies of a headshot are recognized."""
    return RecognizableHeadshot.objects.filter(variant=variant).exists()
