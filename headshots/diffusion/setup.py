"""Put the diffusion pipeline of a worker together: the extra [diffusion], weights and device."""

from collections.abc import Sequence
from importlib import import_module
from importlib.util import find_spec
from typing import Any

from django.conf import settings

from headshots.diffusion import weights
from headshots.engine.diffusion.batch import DiffusionPipeline
from headshots.engine.errors import ModelMissing

REQUIRED_PACKAGES = ("torch", "diffusers", "transformers")  # packages of the extra [diffusion]


def is_possible() -> bool:
    """Whether the extra [diffusion] is installed; imports nothing of it."""
    return all(find_spec(package) for package in REQUIRED_PACKAGES)


def get_pipeline(names: Sequence[str] = (), *, device: str = "") -> DiffusionPipeline:
    """Return the pipeline for some models, or for all that are installed.

    `names` are names of tiers or folders of weights, best first; `device` is a kind of device, ''
    for the one of the settings. Raises ModelMissing without the extra or without weights, and
    ModelCorrupt, UnknownLicence or DeviceUnavailable if one cannot be used.
    """
    pipelines = _import_pipelines()
    model_folders = [weights.locate_weights(name) for name in names] or weights.installed_tiers()
    if not model_folders:
        raise ModelMissing(
            "There are no weights of an image model on this machine.",
            advice="Run `manage.py models download klein`.",
        )
    for _, folder in model_folders:
        weights.require_sizes(folder)
    pipeline: DiffusionPipeline = pipelines.get_pipeline(
        tuple(model_folders), device or settings.PAINT_DEVICE
    )
    return pipeline


def _import_pipelines() -> Any:
    """Import the module that needs torch, by name, so that Facet runs without torch too."""
    if not is_possible():
        raise ModelMissing(
            "Painting needs the extra [diffusion], which is not installed.",
            advice="Run `make install-diffusion`.",
        )
    return import_module("headshots.engine.diffusion.pipelines")
