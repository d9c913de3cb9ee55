"""The permission to recognize copies of a headshot, which its owner gives, and its public proof.

A headshot that may be recognized has a public page that shows it and says how it was made. Its
address is signed, so that nobody guesses it; it ends with the permission.
"""

from typing import Final
from uuid import UUID

from django.core import signing

from headshots.errors import NotReady
from headshots.models import Variant
from headshots.storage import pictures
from integrations import perceptual_hash
from integrations.models import RecognizableHeadshot

PROOF_SALT: Final = "facet.headshot proof"
# Claims by which the face is the photographed one, and no image model painted it.
PHOTOGRAPHED_CLAIMS: Final = frozenset({"unchanged", "light_and_color"})


def proof_token(variant: Variant) -> str:
    """Return what the address of a headshot's public proof contains."""
    return signing.Signer(salt=PROOF_SALT).sign(variant.pk.hex)


def headshot_for_proof(token: str) -> Variant:
    """Return the headshot behind the address of a public proof.

    Raises Variant.DoesNotExist if its owner does not allow it, or its face may be generated.
    """
    try:
        pk = UUID(signing.Signer(salt=PROOF_SALT).unsign(token))
    except (signing.BadSignature, ValueError):
        raise Variant.DoesNotExist from None
    variant = Variant.objects.get(pk=pk, recognition__isnull=False)
    if not is_provable(variant):
        raise Variant.DoesNotExist
    return variant


def is_provable(variant: Variant) -> bool:
    """Whether it was measured that the face of a headshot was not generated."""
    return (variant.evidence or {}).get("face") in PHOTOGRAPHED_CLAIMS


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
