"""Make the variants of a render that need a diffusion pipeline; can be cancelled between steps."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from headshots.engine import recipes, results
from headshots.engine.diffusion.batch import DiffusionPipeline
from headshots.engine.errors import RenderCancelled
from headshots.engine.render import Renderer
from headshots.models import Render, Variant
from headshots.services import renders

FACE_LOCK_NOTE = "The image model changed no pixel of your face: {} were compared, to the bit."


def run_diffusion(
    renderer: Renderer,
    pipeline: DiffusionPipeline,
    render: Render,
    pending_variants: list[Variant],
    on_progress: Any,
) -> Iterator[results.RenderedVariant | results.RejectedVariant]:
    """Yield the results for the variants that a render waits for, in order.

    Variants of one look are started together. Each has the seed of its position in the render, so
    that it comes out the same whichever run makes it. Raises RenderCancelled once nothing is
    waited for any more.
    """
    wished_recipes = [
        recipes.restore_recipe(row.look, row.wished, title=row.title) for row in pending_variants
    ]
    current_step = [pending_variants[0].look, "generate_backdrop"]

    def report_step(look: str, step: str) -> None:
        current_step[:] = look, step
        on_progress(look, step)

    def report_share(activity: str, done_count: int, total_count: int) -> None:
        if not renders.waiting_variants(render).exists():
            raise RenderCancelled("It was stopped.")
        on_progress(
            *current_step, step_share=done_count / total_count if activity == "paint" else 0.0
        )

    renderer.pipeline, renderer.on_progress = pipeline, report_share
    if render.kind == Render.Kind.PAINTED:
        rendered = renderer.render_variants(
            wished_recipes[0], _find_positions(render, pending_variants), on_step=report_step
        )
    else:
        rendered = renderer.render_all(wished_recipes, on_step=report_step)
    for outcome in rendered:
        yield (
            outcome
            if isinstance(outcome, results.RejectedVariant)
            else _add_notes(outcome, pipeline)
        )


def _find_positions(render: Render, pending_variants: list[Variant]) -> list[int]:
    """Return the positions that some variants have among all of the render."""
    variant_ids = list(render.variants.values_list("pk", flat=True))
    return [variant_ids.index(variant.pk) for variant in pending_variants]


def _add_notes(
    rendered: results.RenderedVariant, pipeline: DiffusionPipeline
) -> results.RenderedVariant:
    """Add notes for the person: how much of the face was kept, and what was done differently."""
    kept_counts = [edit.kept for edit in rendered.edits if edit.kept]
    lock_notes = [FACE_LOCK_NOTE.format(min(kept_counts))] if kept_counts else []
    return replace(
        rendered, notes=(*rendered.notes, *lock_notes, *(pipeline.notes if rendered.edits else ()))
    )
