"""Actions on renders: start, claim, record results, finish.

Rows are written first and messages sent after the commit: a lost message can be sent again.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import zip_longest
from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid4

from django.conf import settings
from django.contrib.auth import get_user_model
from django.db import transaction
from django.db.models import F, Max, QuerySet
from django.utils import timezone

from headshots.engine.recipes import UNTOUCHED, Recipe
from headshots.errors import FacetError, NotReady
from headshots.models import Photo, Render, Variant
from headshots.services import painters
from headshots.services.photos import forget_unused, view_box
from headshots.services.queue import tell_render

if TYPE_CHECKING:
    from django.contrib.auth.base_user import AbstractBaseUser

FULL, SMALL = 1024, 512  # pixels a side
ENOUGH = 800  # pixels of a photo's shorter side from which a headshot of full size is made


def start(
    owner: AbstractBaseUser,
    photos: Sequence[Photo],
    recipes: Sequence[Recipe],
    *,
    kind: str = Render.Kind.SHEET,
    seed: int = 0,
    parents: Sequence[Variant] = (),
) -> Render:
    """Create a render with one waiting variant for each recipe, and enqueue it.

    `parents` are the variants from which the new ones are derived, in the order of the recipes.
    Raises NotReady without a recipe or a usable photo.
    """
    good = [photo for photo in photos if photo.state != Photo.State.REFUSED]
    if not good or not recipes:
        raise NotReady(
            "Nothing can be made without a photo and a look.",
            advice="Choose at least one usable photo and one look.",
        )
    with transaction.atomic():
        render = Render.objects.create(
            owner=owner,
            kind=kind,
            seed=seed,
            size=size_for(good),
            # Without a diffusion worker, the others make what they can and reject the rest.
            paints=any(recipe.painted for recipe in recipes) and painters.is_there(),
        )
        render.photos.set(good)
        wish(render, recipes, parents, likely=good[0])
        tell_render(render)
    return render


def adjust(variant: Variant, recipe: Recipe) -> Variant:
    """Start a render of a variant with another recipe; both keep the number of the variant."""
    photos = [variant.photo] if variant.photo else []
    render = start(
        variant.owner,
        photos,
        [recipe],
        kind=Render.Kind.ADJUST,
        seed=variant.render.seed,
        parents=[variant],
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
    render = start(photo.owner, [photo], [UNTOUCHED], kind=Render.Kind.UNTOUCHED)
    return render.variants.get()


def take_over(photo: Photo, *, beside: Photo) -> Variant:
    """Start an unretouched render of a profile's present picture.

    The worker rejects it unless it shows the person of `person_photo`, too. Raises NotReady if the
    picture is refused.
    """
    if photo.state == Photo.State.REFUSED:
        raise NotReady("This picture cannot be taken over.", advice=photo.advice)
    with transaction.atomic():
        render = start(photo.owner, [photo, beside], [UNTOUCHED], kind=Render.Kind.UNTOUCHED)
        Render.objects.filter(pk=render.pk).update(size=size_for([photo]))
    return render.variants.get()


def size_for(photos: Sequence[Photo]) -> int:
    """Return the size of headshots, in pixels a side, for which the photos are large enough."""
    sharpest = max(min(photo.width, photo.height) for photo in photos)
    return FULL if sharpest >= ENOUGH else SMALL


def wish(
    render: Render, recipes: Sequence[Recipe], parents: Sequence[Variant], *, likely: Photo
) -> None:
    """Create a waiting, numbered variant for each recipe; call it inside a transaction.

    `likely` is the photo that pages show meanwhile; the worker chooses the photo of each look.
    """
    # The lock keeps two renders that start at once from giving the same number twice.
    get_user_model().objects.select_for_update().get(pk=render.owner_id)
    film = Variant.objects.filter(owner=render.owner_id)
    last = film.aggregate(last=Max("number"))["last"] or 0
    for offset, (recipe, parent) in enumerate(zip_longest(recipes, parents), start=1):
        same_frame = parent is not None and render.kind == Render.Kind.ADJUST
        Variant.objects.create(
            owner_id=render.owner_id,
            render=render,
            parent=parent,
            photo=likely,
            number=parent.number if same_frame else last + offset,
            suffix=_next_suffix(film, parent.number) if same_frame else "",
            look=recipe.slug,
            title=recipe.title,
            wished=recipe.plain(),
        )


def claim(pk: UUID) -> Render | None:
    """Claim a render; returns None if it is finished or a running worker holds it."""
    free = Render.objects.unclaimed().filter(pk=pk, finished_at=None)
    now = timezone.now()
    taken = free.update(claim=uuid4(), touched_at=now, attempts=F("attempts") + 1)
    return Render.objects.get(pk=pk) if taken else None


def touch(render: Render, progress: Mapping[UUID, tuple[int, str]]) -> None:
    """Store a heartbeat of the run, and the progress of its variants.

    `progress` maps ids of variants to per cent and name of the current step; it never decreases.
    """
    Render.objects.filter(pk=render.pk, claim=render.claim).update(touched_at=timezone.now())
    for pk, (percent, step) in progress.items():
        unmade = Variant.objects.filter(pk=pk, state=Variant.State.WAITING)
        unmade.filter(progress__lt=percent).update(progress=percent, step=step)


def waiting(render: Render) -> QuerySet[Variant]:
    """Return the variants that are still to be made, by number."""
    return render.variants.filter(state=Variant.State.WAITING)


def record_ready(variant: Variant, made: Any, *, picture: str, photo: Photo) -> bool:
    """Store a finished headshot (an engine RenderedVariant) in its row, once.

    Returns False if another run has stored it before or the row was deleted meanwhile; the files of
    `picture` are deleted then.
    """
    with transaction.atomic():
        # The lock keeps the photo from being deleted before the row refers to it.
        there = Photo.objects.select_for_update().filter(pk=photo.pk).first()
        written = _record(
            variant,
            state=Variant.State.READY,
            progress=100,
            picture=picture,
            photo=there,
            likeness=made.likeness,
            skin_delta_e=made.skin_delta_e,
            steps=made.steps,
            notes=list(made.notes),
            view_box=view_box(made.frame),
            source_type=made.source_type,
        )
    if not written:
        forget_unused(variant.owner_id, {picture})
    return written


def record_rejected(variant: Variant, error: FacetError) -> bool:
    """Store why a variant must not be shown, once."""
    state = Variant.State.REJECTED
    return _record(variant, state=state, reason=error.message, advice=error.advice)


def _record(variant: Variant, **made: Any) -> bool:
    """Update a variant that is still waiting, and return whether it was."""
    unmade = Variant.objects.filter(pk=variant.pk, state=Variant.State.WAITING)
    return bool(unmade.update(**made, made_at=timezone.now(), step=""))


def give_up(render: Render, *, reason: str, advice: str) -> None:
    """Mark all waiting variants as failed, and finish the render."""
    waiting(render).update(state=Variant.State.FAILED, reason=reason, advice=advice, step="")
    close(render)


def close(render: Render) -> bool:
    """Mark a render as finished once nothing waits, and return whether this call did."""
    if waiting(render).exists():
        return False
    open_still = Render.objects.filter(pk=render.pk, finished_at=None)
    return bool(open_still.update(finished_at=timezone.now(), claim=None))


def release(render: Render) -> None:
    """Give a render back, so that it is enqueued again after a lease."""
    Render.objects.filter(pk=render.pk, claim=render.claim).update(touched_at=timezone.now())


def again(render: Render) -> None:
    """Set failed variants back to waiting, and enqueue the render again."""
    with transaction.atomic():
        failed = render.variants.filter(state=Variant.State.FAILED)
        if failed.update(state=Variant.State.WAITING, reason="", advice="", progress=0):
            Render.objects.filter(pk=render.pk).update(finished_at=None, claim=None, attempts=0)
            tell_render(render)


def is_worn_out(render: Render) -> bool:
    """Whether the render has been tried settings.RENDER_ATTEMPTS times without being finished."""
    return render.attempts > settings.RENDER_ATTEMPTS


def _next_suffix(film: Any, number: int) -> str:
    """Return the next free suffix of a number: A, B, … Z, AA, …."""
    index = film.filter(number=number).exclude(suffix="").count()
    letters = ""
    while True:
        index, rest = divmod(index, 26)
        letters = chr(ord("A") + rest) + letters
        if index == 0:
            return letters
        index -= 1
