"""Taking over a picture that a person set by hand: it becomes a headshot of theirs."""

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

CODE = "adopted"
LATER = timedelta(seconds=5)


def adopt(publication: Publication) -> Variant:
    """Make a headshot of what was found there; it is then what that profile is meant to show.

    Only a picture of the person themselves is taken over: it is measured against their newest
    photo. ActionNotAvailable without a picture, NotOwner without a photo to compare it with.
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
    """Whether it is no use to look yet: the headshot is still made, or will never be.

    One that is ready is chosen for its profile; one that is refused ends it, with the reason.
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
