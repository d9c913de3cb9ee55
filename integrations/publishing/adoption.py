"""Adopt a picture that a person set by hand at a platform: it becomes one of their headshots."""

import base64
from datetime import timedelta

from django.utils import timezone

from headshots.models import Photo, Variant
from headshots.selectors import photos_of
from headshots.services import photos, renders
from integrations.errors import ActionNotAvailable, NotOwner
from integrations.models import Publication
from integrations.publication_states import State
from integrations.publishing import choices
from integrations.publishing.transitions import move, stay

CODE = "adopted"  # of a publication whose picture is being adopted
LATER = timedelta(seconds=5)  # between two checks whether the headshot is ready


def adopt(publication: Publication) -> Variant:
    """Begin to make a headshot of the picture that was found at the publication's account.

    The picture is compared with the person's newest photo, and `continue_adoption` chooses it for
    the profile once it proved to be theirs. Raises ActionNotAvailable without a picture, and
    NotOwner without a photo to compare it with.
    """
    found, owner = publication.before, publication.owner
    if found is None or found.is_none:
        raise ActionNotAvailable(
            "There is no picture to take over.", advice="Send yours, or keep it so."
        )
    data = base64.b64decode(found.unseal()["data"])
    photo = photos.add(owner, data, name=f"{publication.frame.name}.jpg", professional=True)
    beside = photos_of(owner).filter(state=Photo.State.USABLE).exclude(pk=photo.pk).first()
    if beside is None:
        raise NotOwner(
            "Facet has no photo of you to compare this picture with.",
            advice="Add a photo of yourself, then take the picture over.",
        )
    variant = renders.take_over(photo, beside=beside)
    now = timezone.now()
    move(
        publication,
        State.PROCESSING,
        code=CODE,
        words="It is being taken over.",
        variant=variant,
        receipt={"key": found.key, "facts": {}},
        looks=0,
        sent_at=now,
        fingerprint=found.fingerprint,
        not_before=now,
    )
    return variant


def waits(publication: Publication) -> bool:
    """Continue the adoption, if this publication is one; return True if it must not be polled.

    While the headshot is being made, the publication waits. A rejected headshot makes it fail with
    the reason; a ready one is chosen for the profile, and False is returned.
    """
    variant = publication.variant
    if publication.code != CODE:
        return False
    if variant and variant.is_waiting:
        until = timezone.now() + LATER
        stay(publication, until=until, code=CODE, words=publication.words)
        return True
    if variant is None or not variant.is_ready:
        why = variant.reason if variant else "The headshot was deleted."
        advice = variant.advice if variant else ""
        move(publication, State.FAILED, code="not_adopted", words=why, advice=advice)
        return True
    choices.choose(variant, [], [publication.connection])
    return False
