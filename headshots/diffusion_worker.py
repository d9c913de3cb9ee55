"""Make the variants of a render that need a diffusion pipeline; can be cancelled between steps."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from headshots.engine import recipes, results
from headshots.engine.diffusion.batch import Painter
from headshots.engine.errors import RenderCancelled
from headshots.engine.render import Studio
from headshots.models import Render, Variant
from headshots.services import renders

LOCKED = "The image model changed no pixel of your face: {} were compared, to the bit."


def paint(
    studio: Studio, painter: Painter, render: Render, waiting: list[Variant], told: Any
) -> Iterator[results.Variant | results.RejectedVariant]:
    """Yield the results for the variants that a render waits for, in order.

    Variants of one look are started together. Each has the seed of its position in the render, so
    that it comes out the same whichever run makes it. Raises RenderCancelled once nothing is
    waited for any more.
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
        rendered = studio.render_siblings(wished[0], _positions(render, waiting), watch=watch)
    else:
        rendered = studio.render_all(wished, watch=watch)
    for made in rendered:
        yield made if isinstance(made, results.RejectedVariant) else _noted(made, painter)


def _positions(render: Render, waiting: list[Variant]) -> list[int]:
    """Return the positions that some variants have among all of the render."""
    variant_ids = list(render.variants.values_list("pk", flat=True))
    return [variant_ids.index(variant.pk) for variant in waiting]


def _noted(made: results.Variant, painter: Painter) -> results.Variant:
    """Add notes for the person: how much of the face was kept, and what was done differently."""
    kept = [edit.kept for edit in made.edits if edit.kept]
    lock = [LOCKED.format(min(kept))] if kept else []
    return replace(made, notes=(*made.notes, *lock, *(painter.notes if made.edits else ())))
