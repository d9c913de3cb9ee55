"""Tell which photos of an owner show the same person.

Faces are compared while a photo is checked, from the pictures themselves. What is stored is a
number that photos of one person share; no description of a face is stored (docs/privacy.md).
"""

from uuid import uuid4

from headshots.engine.analysis import faces
from headshots.engine.analysis.likeness import ReferenceFace, describe_reference
from headshots.engine.errors import EngineError
from headshots.engine.io.decode import decode
from headshots.models import Photo
from headshots.storage import pictures

COMPARED_SIZE = "800"  # stored size in which faces are compared
MAX_PEOPLE = 6  # people of one owner that a photo is compared with, newest first


def assign_person(photo: Photo, reference_face: ReferenceFace) -> None:
    """Give a checked photo the number of the person that it shows.

    The number is stored before it is compared: of two photos that are checked at once, the later
    one finds the earlier.
    """
    own_photos = Photo.objects.filter(owner=photo.owner_id)
    person = uuid4()
    own_photos.filter(pk=photo.pk).update(person=person)
    for other_photo in _newest_of_each_person(photo):
        other_face = _describe(other_photo)
        if other_face is not None and not other_face.is_stranger(reference_face):
            people = {person, other_photo.person or person}
            own_photos.filter(person__in=people).update(person=min(people))
            return


def _newest_of_each_person(photo: Photo) -> list[Photo]:
    """Return one photo of every person that the owner's other photos show."""
    others = Photo.objects.filter(owner=photo.owner_id, state=Photo.State.USABLE)
    newest: dict[object, Photo] = {}
    for other_photo in others.exclude(pk=photo.pk).exclude(person=None).order_by("-added_at"):
        newest.setdefault(other_photo.person, other_photo)
    return list(newest.values())[:MAX_PEOPLE]


def _describe(photo: Photo) -> ReferenceFace | None:
    """Describe the chosen face of a stored photo; None if its picture or that face is gone."""
    try:
        pixels = decode(pictures.read_file(photo.picture, COMPARED_SIZE))
        height, width = pixels.shape[:2]
        choice = photo.center_of_face(photo.face or 0) or 0
        face = faces.choose_face(
            faces.find_faces(pixels), choice=choice, width=width, height=height
        )
    except (FileNotFoundError, EngineError):
        return None
    return describe_reference(pixels, face)
