"""How a painter paints what a render waits for: told after every step, stopped between two."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from headshots.engine import recipes
from headshots.engine.easel import Painter
from headshots.engine.errors import Cancelled
from headshots.engine.render import Rejected, Studio
from headshots.engine.render import Variant as Made
from headshots.models import Render, Variant
from headshots.services import renders

LOCKED = "The image model changed no pixel of your face: {} were compared, to the bit."


def paint(
    studio: Studio, painter: Painter, render: Render, waiting: list[Variant], told: Any
) -> Iterator[Made | Rejected]:
    """The paintings still waited for: one recipe, each with the seed of its place in the render."""
    recipe = recipes.restore(waiting[0].look, waiting[0].wished, title=waiting[0].title)
    places = list(render.variants.values_list("pk", flat=True))
    now = [recipe.slug, recipe.painted[0][0]]

    def watch(look: str, step: str) -> None:
        now[:] = look, step
        told(look, step)

    def tell(what: str, done: int, total: int) -> None:
        if not renders.waiting(render).exists():
            raise Cancelled("It was stopped.")
        told(*now, share=done / total if what == "paint" else 0.0)

    studio.painter, studio.tell = painter, tell
    for made in studio.render_siblings(
        recipe, [places.index(row.pk) for row in waiting], watch=watch
    ):
        yield made if isinstance(made, Rejected) else _noted(made, painter)


def _noted(made: Made, painter: Painter) -> Made:
    """What a person may know of a painting: what was kept, and what had to be done otherwise."""
    kept = [edit.kept for edit in made.edits if edit.kept]
    lock = [LOCKED.format(min(kept))] if kept else []
    return replace(made, notes=(*made.notes, *lock, *painter.notes))
