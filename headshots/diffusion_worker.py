"""Make the variants of a render that need a diffusion pipeline; can be cancelled between steps."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from headshots.engine import results
from headshots.engine.diffusion.batch import DiffusionPipeline
from headshots.engine.errors import RenderCancelled
from headshots.engine.render import Renderer
from headshots.models import Render, Variant
from headshots.selectors import recipe_of
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
    requested_recipes = [recipe_of(variant) for variant in pending_variants]
    progress = _DiffusionProgress(render, on_progress, pending_variants[0].look)
    renderer.pipeline, renderer.on_progress = pipeline, progress.report_share
    if render.kind == Render.Kind.PAINTED:
        positions = _find_positions(render, pending_variants)
        rendered = renderer.render_variants(
            requested_recipes[0], positions, on_step=progress.report_step
        )
    else:
        rendered = renderer.render_all(requested_recipes, on_step=progress.report_step)
    for outcome in rendered:
        if isinstance(outcome, results.RejectedVariant):
            yield outcome
        else:
            yield _add_notes(outcome, pipeline)


@dataclass
class _DiffusionProgress:
    """Reports which step of a run is active, and how much of it the pipeline has done."""

    render: Render
    on_progress: Any
    current_look: str
    current_step: str = "generate_backdrop"

    def report_step(self, look: str, step: str) -> None:
        """Report that a step begins."""
        self.current_look, self.current_step = look, step
        self.on_progress(look, step)

    def report_share(self, activity: str, done_count: int, total_count: int) -> None:
        """Report the share that is done; raises RenderCancelled if nothing is waited for."""
        if not renders.waiting_variants(self.render).exists():
            raise RenderCancelled("It was stopped.")
        share = done_count / total_count if activity == "paint" else 0.0
        self.on_progress(self.current_look, self.current_step, step_share=share)


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
