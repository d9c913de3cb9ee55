"""How a painter paints what a render waits for: told after every step, stopped between two."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from headshots.engine import recipes
from headshots.engine.diffusion.batch import Painter
from headshots.engine.errors import RenderCancelled
from headshots.engine.render import RejectedVariant, Studio
from headshots.engine.render import Variant as Made
from headshots.models import Render, Variant
from headshots.services import renders

LOCKED = "The image model changed no pixel of your face: {} were compared, to the bit."


def paint(
    studio: Studio, painter: Painter, render: Render, waiting: list[Variant], told: Any
) -> Iterator[Made | RejectedVariant]:
    """What is still waited for, in order; paintings of one headshot begin together.

    Each of those has the seed of its place in the render, whichever run paints it.
    """
    wished = [recipes.restore(row.look, row.wished, title=row.title) for row in waiting]
    now = [waiting[0].look, "generate_backdrop"]

    def watch(look: str, step: str) -> None:
        now[:] = look, step
        told(look, step)

    def tell(what: str, done: int, total: int) -> None:
        if not renders.waiting(render).exists():
            raise RenderCancelled("It was stopped.")
        told(*now, share=done / total if what == "paint" else 0.0)

    studio.painter, studio.tell = painter, tell
    if render.kind == Render.Kind.PAINTED:
        places = list(render.variants.values_list("pk", flat=True))
        siblings = [places.index(row.pk) for row in waiting]
        results = studio.render_siblings(wished[0], siblings, watch=watch)
    else:
        results = studio.render_all(wished, watch=watch)
    for made in results:
        yield made if isinstance(made, RejectedVariant) else _noted(made, painter)


def _noted(made: Made, painter: Painter) -> Made:
    """What a person may know of a painting: what was kept, and what had to be done otherwise."""
    kept = [edit.kept for edit in made.edits if edit.kept]
    lock = [LOCKED.format(min(kept))] if kept else []
    return replace(made, notes=(*made.notes, *lock, *(painter.notes if made.edits else ())))
