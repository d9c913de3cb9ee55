"""Actions on renders that need a diffusion model: start, cancel, fail those nobody can make."""

from datetime import timedelta

from django.utils import timezone

from headshots.engine.recipes import Recipe
from headshots.errors import NotReady
from headshots.isolation import run_for_each
from headshots.models import Render, Variant
from headshots.services import diffusion_workers, queue, renders


def start_diffusion(variant: Variant, recipe: Recipe, *, count: int, seed: int) -> Render:
    """Start a render of several diffusion variants of one headshot.

    Raises NotReady without a diffusion worker.
    """
    if not diffusion_workers.is_worker_present():
        raise NotReady(
            "Nothing can be painted at the moment: no GPU worker is there.",
            advice="Ask whoever runs this Facet, or make one without painted places and clothes.",
        )
    return renders.start_render(
        variant.owner,
        [variant.photo] if variant.photo else [],
        [recipe] * count,
        kind=Render.Kind.PAINTED,
        seed=seed,
        parents=[variant] * count,
    )


def cancel_diffusion(render: Render) -> None:
    """Stop a diffusion render; its worker notices between two steps of the model."""
    if render.kind != Render.Kind.PAINTED:
        raise NotReady("Only paintings can be stopped.", advice="The rest is made in seconds.")
    renders.fail_render(render, reason="You stopped it.", advice="What was made until then stays.")


def fail_unclaimed(*, patience_seconds: float) -> int:
    """Fail diffusion renders that have waited that long for a worker, and return how many.

    Renders of which only some variants need a diffusion model are handed to the other workers.
    """
    if diffusion_workers.is_worker_present():
        return 0
    waiting_since = timezone.now() - timedelta(seconds=patience_seconds)
    unclaimed_renders = list(
        Render.objects.filter(paints=True, finished_at=None, touched_at__lt=waiting_since)
    )
    run_for_each("unclaimed render", unclaimed_renders, _give_up_waiting)
    return len(unclaimed_renders)


def _give_up_waiting(render: Render) -> None:
    """Fail a render that only a diffusion worker can make; hand any other to the other workers."""
    if render.kind == Render.Kind.PAINTED:
        renders.fail_render(
            render,
            reason="No GPU worker came to paint this.",
            advice="Try again when one is there; everything else works without it.",
        )
    else:
        Render.objects.filter(pk=render.pk).update(paints=False, claim=None)
        queue.enqueue_task(queue.RENDER_TASK, render.pk)
