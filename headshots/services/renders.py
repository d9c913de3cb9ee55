"""Actions on renders: start, claim, record results, finish.

Rows are written first and messages sent after the commit: a lost message can be sent again.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from itertools import zip_longest
from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid4

from django.conf import settings
from django.contrib.auth import get_user_model
from django.db import transaction
from django.db.models import F, Max, QuerySet
from django.utils import timezone

from headshots.engine.recipes import UNTOUCHED, Recipe
from headshots.errors import DifferentPeople, FacetError, NotReady, TooManyAtOnce
from headshots.models import Photo, Render, Variant
from headshots.services import diffusion_workers
from headshots.services.photos import delete_unused_pictures, format_view_box
from headshots.services.queue import enqueue_render
from headshots.services.render_sizes import FULL_SIZE, choose_size

if TYPE_CHECKING:
    from headshots.evidence import Evidence
    from headshots.models import User


def start_render(
    owner: User,
    photos: Sequence[Photo],
    recipes: Sequence[Recipe],
    *,
    kind: str = Render.Kind.SHEET,
    seed: int = 0,
    parents: Sequence[Variant] = (),
    size: int = FULL_SIZE,
    is_planned: bool = False,
) -> Render:
    """Create a render with one waiting variant for each recipe, and enqueue it.

    `parents` are the variants from which the new ones are derived, in the order of the recipes.
    Of a photo that one of them was made from, the same face is used again. `size` is the size that
    is wished, in pixels a side; photos with fewer pixels give smaller headshots.
    Raises NotReady without a recipe or a usable photo, DifferentPeople if the photos are known to
    show more than one person, and TooManyAtOnce if the owner has settings.RENDER_LIMIT unfinished
    ones, unless a schedule starts it (`is_planned`).
    """
    usable_photos = [photo for photo in photos if photo.state != Photo.State.REFUSED]
    if not usable_photos or not recipes:
        raise NotReady(
            "Nothing can be made without a photo and a look.",
            advice="Choose at least one usable photo and one look.",
        )
    if kind == Render.Kind.SHEET:
        _require_one_person(usable_photos)
    with transaction.atomic():
        # The lock keeps renders that start at once from passing the limit together, and from
        # giving the same number twice.
        get_user_model().objects.select_for_update().get(pk=owner.pk)
        if not is_planned:
            _require_below_limit(owner)
        render = Render.objects.create(
            owner=owner,
            kind=kind,
            seed=seed,
            size=choose_size(usable_photos, wished=size),
            faces=_faces_to_use(usable_photos, parents),
            # Without a diffusion worker, the others make what they can and reject the rest.
            paints=any(recipe.diffusion_steps for recipe in recipes)
            and diffusion_workers.is_worker_present(),
        )
        render.photos.set(usable_photos)
        create_variants(render, recipes, parents, shown_photo=usable_photos[0])
        enqueue_render(render)
    return render


def _faces_to_use(photos: Sequence[Photo], parents: Sequence[Variant]) -> dict[str, int]:
    """Return the indexes of the faces that were chosen, for parents or since, by the photo's id."""
    faces = {photo.pk: photo.face for photo in photos}
    for parent in parents:
        if parent.photo is not None and parent.photo.pk in faces:
            faces[parent.photo.pk] = parent.render.face_in(parent.photo)
    return {str(photo_id): face for photo_id, face in faces.items() if face is not None}


def _require_below_limit(owner: User) -> None:
    """Raise TooManyAtOnce if the owner may not start another render."""
    unfinished_count = Render.objects.filter(owner=owner, finished_at=None).count()
    if unfinished_count >= settings.RENDER_LIMIT:
        raise TooManyAtOnce(
            f"{unfinished_count} of your orders are not finished yet, which is the limit here."
        )


def _require_one_person(photos: Sequence[Photo]) -> None:
    """Raise DifferentPeople unless all photos that were compared show one person."""
    if len({photo.person for photo in photos if photo.person is not None}) > 1:
        raise DifferentPeople("These photos show different people.")


def adjust_variant(variant: Variant, recipe: Recipe) -> Variant:
    """Start a render of a variant with another recipe; both keep the number of the variant."""
    photos = [variant.photo] if variant.photo else []
    render = start_render(
        variant.owner,
        photos,
        [recipe],
        kind=Render.Kind.ADJUST,
        seed=variant.render.seed,
        parents=[variant],
        size=variant.render.size,
    )
    return render.variants.get()


def take_untouched(photo: Photo) -> Variant:
    """Start a render that only crops a photographer's photo to a square.

    Raises NotReady unless the photo is usable and marked as professional.
    """
    if not (photo.is_usable and photo.professional):
        raise NotReady(
            "Only a usable photo by a photographer is taken untouched.",
            advice="Say that a photographer took it when you add the photo.",
        )
    render = start_render(photo.owner, [photo], [UNTOUCHED], kind=Render.Kind.UNTOUCHED)
    return render.variants.get()


def take_over_picture(photo: Photo, *, person_photo: Photo) -> Variant:
    """Start an unretouched render of a profile's present picture.

    The worker rejects it unless it shows the person of `person_photo`, too. Raises NotReady if the
    picture is refused.
    """
    if photo.state == Photo.State.REFUSED:
        raise NotReady("This picture cannot be taken over.", advice=photo.advice)
    with transaction.atomic():
        render = start_render(
            photo.owner, [photo, person_photo], [UNTOUCHED], kind=Render.Kind.UNTOUCHED
        )
        Render.objects.filter(pk=render.pk).update(size=choose_size([photo]))
    return render.variants.get()


def create_variants(
    render: Render, recipes: Sequence[Recipe], parents: Sequence[Variant], *, shown_photo: Photo
) -> None:
    """Create a waiting, numbered variant for each recipe, while the owner's row is locked.

    `shown_photo` is the photo that pages show meanwhile; the worker chooses the photo of each look.
    """
    own_variants = Variant.objects.filter(owner=render.owner_id)
    last_number = own_variants.aggregate(last=Max("number"))["last"] or 0
    for offset, (recipe, parent) in enumerate(zip_longest(recipes, parents), start=1):
        keeps_number = parent is not None and render.kind == Render.Kind.ADJUST
        Variant.objects.create(
            owner_id=render.owner_id,
            render=render,
            parent=parent,
            photo=shown_photo,
            number=parent.number if keeps_number else last_number + offset,
            suffix=_next_suffix(own_variants, parent.number) if keeps_number else "",
            look=recipe.slug,
            title=recipe.title,
            wished=recipe.to_plain_data(),
        )


def claim_render(render_id: UUID) -> Render | None:
    """Claim a render; returns None if it is finished or a running worker holds it."""
    claimable = Render.objects.unclaimed().filter(pk=render_id, finished_at=None)
    now = timezone.now()
    claimed_count = claimable.update(claim=uuid4(), touched_at=now, attempts=F("attempts") + 1)
    return Render.objects.get(pk=render_id) if claimed_count else None


def record_progress(render: Render, progress: Mapping[UUID, tuple[int, str]]) -> None:
    """Store a heartbeat of the run, and the progress of its variants.

    `progress` maps ids of variants to per cent and name of the current step; it never decreases.
    """
    Render.objects.filter(pk=render.pk, claim=render.claim).update(touched_at=timezone.now())
    for variant_id, (percent, step) in progress.items():
        waiting_variant = Variant.objects.filter(pk=variant_id, state=Variant.State.WAITING)
        waiting_variant.filter(progress__lt=percent).update(progress=percent, step=step)


def waiting_variants(render: Render) -> QuerySet[Variant]:
    """Return the variants that are still to be made, by number."""
    return render.variants.filter(state=Variant.State.WAITING)


def record_ready_variant(
    variant: Variant,
    rendered: Any,
    *,
    picture_name: str,
    photo: Photo,
    evidence: Evidence | None = None,
) -> bool:
    """Store a finished headshot (an engine RenderedVariant) in its row, once.

    Returns False if another run has stored it before or the row was deleted meanwhile; the files of
    `picture_name` are deleted then.
    """
    with transaction.atomic():
        # The lock keeps the photo from being deleted before the row refers to it.
        locked_photo = Photo.objects.select_for_update().filter(pk=photo.pk).first()
        is_recorded = _finish_variant(
            variant,
            state=Variant.State.READY,
            progress=100,
            picture=picture_name,
            photo=locked_photo,
            likeness=rendered.likeness,
            skin_delta_e=rendered.skin_delta_e,
            steps=rendered.steps,
            notes=list(rendered.notes),
            view_box=format_view_box(rendered.crop_box),
            source_type=rendered.source_type,
            evidence=asdict(evidence) if evidence else None,
        )
    if not is_recorded:
        delete_unused_pictures(variant.owner_id, {picture_name})
    return is_recorded


def record_rejected_variant(variant: Variant, error: FacetError) -> bool:
    """Store why a variant must not be shown, once."""
    state = Variant.State.REJECTED
    return _finish_variant(variant, state=state, reason=error.message, advice=error.advice)


def _finish_variant(variant: Variant, **fields: Any) -> bool:
    """Update a variant that is still waiting, and return whether it was."""
    waiting_variant = Variant.objects.filter(pk=variant.pk, state=Variant.State.WAITING)
    return bool(waiting_variant.update(**fields, made_at=timezone.now(), step=""))


def fail_render(render: Render, *, reason: str, advice: str) -> None:
    """Mark all waiting variants as failed, and finish the render."""
    waiting_variants(render).update(
        state=Variant.State.FAILED, reason=reason, advice=advice, step=""
    )
    finish_render(render)


def finish_render(render: Render) -> bool:
    """Mark a render as finished once nothing waits, and return whether this call did."""
    if waiting_variants(render).exists():
        return False
    unfinished = Render.objects.filter(pk=render.pk, finished_at=None)
    return bool(unfinished.update(finished_at=timezone.now(), claim=None))


def release_render(render: Render) -> None:
    """Give a render back, so that it is enqueued again after a lease."""
    Render.objects.filter(pk=render.pk, claim=render.claim).update(touched_at=timezone.now())


def retry_failed(render: Render) -> None:
    """Set failed variants back to waiting, and enqueue the render again.

    Raises TooManyAtOnce as `start_render` does.
    """
    with transaction.atomic():
        get_user_model().objects.select_for_update().get(pk=render.owner_id)
        if render.is_finished:
            _require_below_limit(render.owner)
        failed_variants = render.variants.filter(state=Variant.State.FAILED)
        if failed_variants.update(state=Variant.State.WAITING, reason="", advice="", progress=0):
            Render.objects.filter(pk=render.pk).update(finished_at=None, claim=None, attempts=0)
            enqueue_render(render)


def has_used_all_attempts(render: Render) -> bool:
    """Whether the render has been tried settings.RENDER_ATTEMPTS times without being finished."""
    return render.attempts > settings.RENDER_ATTEMPTS


def _next_suffix(own_variants: Any, number: int) -> str:
    """Return the next free suffix of a number: A, B, … Z, AA, …."""
    index = own_variants.filter(number=number).exclude(suffix="").count()
    letters = ""
    while True:
        index, letter_index = divmod(index, 26)
        letters = chr(ord("A") + letter_index) + letters
        if index == 0:
            return letters
        index -= 1
