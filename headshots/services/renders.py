"""The verbs of renders: start, claim, record, close; rows first, messages second."""

from collections.abc import Mapping, Sequence
from itertools import zip_longest
from typing import Any
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

FULL, SMALL = 1024, 512  # pixels a side
ENOUGH = 800  # pixels of a photo's shorter side that are worth a full-size headshot
Owner = Any


def start(
    owner: Owner,
    photos: Sequence[Photo],
    recipes: Sequence[Recipe],
    *,
    kind: str = Render.Kind.SHEET,
    seed: int = 0,
    parents: Sequence[Variant] = (),
) -> Render:
    """Wish for some looks from some photos; they arrive one by one.

    `parents` are the variants that the new ones come from, in the order of the recipes. Raises
    NotReady without a look or a photo that may be used.
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
            # Without a worker that paints, the others make what they can and say why of the rest.
            paints=any(recipe.painted for recipe in recipes) and painters.is_there(),
        )
        render.photos.set(good)
        wish(render, recipes, parents, likely=good[0])
        tell_render(render)
    return render


def adjust(variant: Variant, recipe: Recipe) -> Variant:
    """Wish for the same frame with another recipe; both stay on the film."""
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
    """A photographer's picture as it is, cropped to a square; NotReady unless it is one."""
    if not (photo.is_usable and photo.professional):
        raise NotReady(
            "Only a usable photo by a photographer is taken untouched.",
            advice="Say that a photographer took it when you add the photo.",
        )
    render = start(photo.owner, [photo], [UNTOUCHED], kind=Render.Kind.UNTOUCHED)
    return render.variants.get()


def take_over(photo: Photo, *, beside: Photo) -> Variant:
    """A picture that hangs somewhere as it is, if it shows the person of another photo.

    Whether it does is found out by the worker, as for any two photos. NotReady if it is refused.
    """
    if photo.state == Photo.State.REFUSED:
        raise NotReady("This picture cannot be taken over.", advice=photo.advice)
    with transaction.atomic():
        render = start(photo.owner, [photo, beside], [UNTOUCHED], kind=Render.Kind.UNTOUCHED)
        Render.objects.filter(pk=render.pk).update(size=size_for([photo]))
    return render.variants.get()


def size_for(photos: Sequence[Photo]) -> int:
    """Pixels a side that the photos can fill."""
    sharpest = max(min(photo.width, photo.height) for photo in photos)
    return FULL if sharpest >= ENOUGH else SMALL


def wish(
    render: Render, recipes: Sequence[Recipe], parents: Sequence[Variant], *, likely: Photo
) -> None:
    """One waiting row a look, each with its number on the film; inside a transaction.

    `likely` is the photo shown while it develops; which one is used is decided look by look.
    """
    # Two sheets started at once must not give one number twice.
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
    """The render if it is unfinished and no living worker holds it; else None."""
    free = Render.objects.unclaimed().filter(pk=pk, finished_at=None)
    now = timezone.now()
    taken = free.update(claim=uuid4(), touched_at=now, attempts=F("attempts") + 1)
    return Render.objects.get(pk=pk) if taken else None


def touch(render: Render, progress: Mapping[UUID, tuple[int, str]]) -> None:
    """Show that the run is alive, and how far each of its variants is."""
    Render.objects.filter(pk=render.pk, claim=render.claim).update(touched_at=timezone.now())
    for pk, (percent, step) in progress.items():
        unmade = Variant.objects.filter(pk=pk, state=Variant.State.WAITING)
        unmade.filter(progress__lt=percent).update(progress=percent, step=step)


def waiting(render: Render) -> QuerySet[Variant]:
    """What is still to be made, in the order of the film."""
    return render.variants.filter(state=Variant.State.WAITING)


def record_ready(variant: Variant, made: Any, *, picture: str, photo: Photo) -> bool:
    """Write down a finished headshot (an engine Variant), once.

    False if another run wrote it before, or if it was deleted meanwhile; then no file stays.
    """
    with transaction.atomic():
        # Held until it is written down: the photo may be deleted at this very moment.
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
    """Write down why a look is not shown, once."""
    state = Variant.State.REJECTED
    return _record(variant, state=state, reason=error.message, advice=error.advice)


def _record(variant: Variant, **made: Any) -> bool:
    unmade = Variant.objects.filter(pk=variant.pk, state=Variant.State.WAITING)
    return bool(unmade.update(**made, made_at=timezone.now(), step=""))


def give_up(render: Render, *, reason: str, advice: str) -> None:
    """Say of every look still waiting why it cannot be made, and close."""
    waiting(render).update(state=Variant.State.FAILED, reason=reason, advice=advice, step="")
    close(render)


def close(render: Render) -> bool:
    """Finish the render if nothing waits any more; whether this call did."""
    if waiting(render).exists():
        return False
    open_still = Render.objects.filter(pk=render.pk, finished_at=None)
    return bool(open_still.update(finished_at=timezone.now(), claim=None))


def release(render: Render) -> None:
    """Put the render back, to be tried again after a lease."""
    Render.objects.filter(pk=render.pk, claim=render.claim).update(touched_at=timezone.now())


def again(render: Render) -> None:
    """Try once more what could not be made."""
    with transaction.atomic():
        failed = render.variants.filter(state=Variant.State.FAILED)
        if failed.update(state=Variant.State.WAITING, reason="", advice="", progress=0):
            Render.objects.filter(pk=render.pk).update(finished_at=None, claim=None, attempts=0)
            tell_render(render)


def is_worn_out(render: Render) -> bool:
    """Whether it ended its worker, or found no room, as often as is tried."""
    return render.attempts > settings.RENDER_ATTEMPTS


def _next_suffix(film: Any, number: int) -> str:
    """A, B, … Z, AA, …: the letters after a frame's number."""
    index = film.filter(number=number).exclude(suffix="").count()
    letters = ""
    while True:
        index, rest = divmod(index, 26)
        letters = chr(ord("A") + rest) + letters
        if index == 0:
            return letters
        index -= 1
