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
from integrations.publishing.transitions import change_state, postpone_poll

ADOPTED_CODE = "adopted"  # of a publication whose picture is being adopted
READY_CHECK_DELAY = timedelta(seconds=5)  # between two checks whether the headshot is ready


def begin_adoption(publication: Publication) -> Variant:
    """Begin to make a headshot of the picture that was found at the publication's account.

    The picture is compared with the person's newest photo, and `continue_adoption` chooses it for
    the profile once it proved to be theirs. Raises ActionNotAvailable without a picture, and
    NotOwner without a photo to compare it with.
    """
    backup, owner = publication.before, publication.owner
    if backup is None or backup.is_none:
        raise ActionNotAvailable(
            "There is no picture to take over.", advice="Send yours, or keep it so."
        )
    data = base64.b64decode(backup.unseal()["data"])
    photo = photos.add_photo(
        owner, data, name=f"{publication.place_details.name}.jpg", professional=True
    )
    variant = renders.take_over_picture(photo, person_photo=_find_reference_photo(photo))
    now = timezone.now()
    change_state(
        publication,
        State.PROCESSING,
        code=ADOPTED_CODE,
        message="It is being taken over.",
        variant=variant,
        receipt={"key": backup.key, "facts": {}},
        poll_count=0,
        sent_at=now,
        fingerprint=backup.fingerprint,
        not_before=now,
    )
    return variant


def _find_reference_photo(photo: Photo) -> Photo:
    """Return the person's newest usable photo but this one; raises NotOwner without any."""
    usable_photos = photos_of(photo.owner).filter(state=Photo.State.USABLE)
    reference_photo = usable_photos.exclude(pk=photo.pk).first()
    if reference_photo is None:
        raise NotOwner(
            "Facet has no photo of you to compare this picture with.",
            advice="Add a photo of yourself, then take the picture over.",
        )
    return reference_photo


def continue_adoption(publication: Publication) -> bool:
    """Continue the adoption, if this publication is one; return True if it must not be polled.

    While the headshot is being made, the publication waits. A rejected headshot makes it fail with
    the reason; a ready one is chosen for the profile, and False is returned.
    """
    variant = publication.variant
    if publication.code != ADOPTED_CODE:
        return False
    if variant and variant.is_waiting:
        until = timezone.now() + READY_CHECK_DELAY
        postpone_poll(publication, until=until, code=ADOPTED_CODE, message=publication.message)
        return True
    if variant is None or not variant.is_ready:
        reason = variant.reason if variant else "The headshot was deleted."
        advice = variant.advice if variant else ""
        change_state(publication, State.FAILED, code="not_adopted", message=reason, advice=advice)
        return True
    assert publication.connection is not None  # only a picture of an account is adopted
    choices.choose_variant(variant, [], [publication.connection])
    return False
