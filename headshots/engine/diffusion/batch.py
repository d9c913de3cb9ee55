"""Run a diffusion pipeline for several variants of one look; what they share is run together."""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Protocol

from headshots.engine.types import DiffusionTask, Image

# Called with what is being done, how many steps are done, and of how many. It may raise
# RenderCancelled, which ends the work.
ProgressCallback = Callable[[str, int, int], None]


class DiffusionPipeline(Protocol):
    """What runs a diffusion network, whatever and wherever it is."""

    notes: list[str]  # sentences about what was done differently than planned

    def run(self, requests: Sequence[DiffusionTask], on_progress: ProgressCallback) -> list[Image]:
        """Return one picture for each request, of the size of the request's image."""


def ignore_progress(activity: str, done_count: int, total_count: int) -> None:
    """Ignore the progress of a pipeline."""


@dataclass
class DiffusionBatch:
    """One pipeline, and the seeds of the variants that are made with it.

    All variants begin with the same picture, so the first request is run for every seed at once.
    Later requests differ from variant to variant and are run one by one.
    """

    pipeline: DiffusionPipeline
    seeds: tuple[int, ...]
    on_progress: ProgressCallback = ignore_progress
    _generated: dict[tuple[str, int], Image] = field(default_factory=dict)
    _has_begun: bool = False

    def bind_seed(self, seed: int) -> Callable[[DiffusionTask], Image]:
        """Return a function that runs requests with the seed of one variant."""
        return lambda request: self.run(replace(request, seed=seed))

    def run(self, request: DiffusionTask) -> Image:
        """Return the picture for a request; its seed is one of the batch."""
        request_hash = _hash_request(request)
        if (request_hash, request.seed) not in self._generated:
            seeds = (request.seed,) if self._has_begun else self.seeds
            self._has_begun = True
            requests = [replace(request, seed=seed) for seed in seeds]
            pictures = self.pipeline.run(requests, self.on_progress)
            self._generated |= {
                (request_hash, seed): picture for seed, picture in zip(seeds, pictures, strict=True)
            }
        return self._generated.pop((request_hash, request.seed))


def _hash_request(request: DiffusionTask) -> str:
    """Return a hash of everything in a request but its seed."""
    digest = hashlib.sha256(request.image.tobytes())
    digest.update(b"" if request.mask is None else request.mask.tobytes())
    digest.update(f"{request.prompt}\0{request.negative_prompt}\0{request.strength}".encode())
    return digest.hexdigest()
