"""The painter of a worker: the extra [diffusion], the weights and the device, put together."""

from collections.abc import Sequence
from importlib import import_module
from importlib.util import find_spec
from typing import Any

from django.conf import settings

from headshots import weights
from headshots.engine.diffusion.batch import Painter
from headshots.engine.errors import ModelMissing

NEEDED = ("torch", "diffusers", "transformers")


def is_possible() -> bool:
    """Whether the extra is installed here; imports nothing of it."""
    return all(find_spec(name) for name in NEEDED)


def painter(names: Sequence[str] = (), *, device: str = "") -> Painter:
    """The painter of these models (names or folders, best first), else of all that are here.

    Raises ModelMissing without the extra or without weights, UnknownLicence, ModelCorrupt, DeviceUnavailable.
    """
    engine = _engine()
    found = [weights.locate(name) for name in names] or weights.installed()
    if not found:
        raise ModelMissing(
            "There are no weights of an image model on this machine.",
            advice="Run `manage.py models download klein`.",
        )
    for _, folder in found:
        weights.require_sizes(folder)
    made: Painter = engine.painter(tuple(found), device or settings.PAINT_DEVICE)
    return made


def _engine() -> Any:
    """The module that imports torch; by name, so that nobody else has to have it."""
    if not is_possible():
        raise ModelMissing(
            "Painting needs the extra [diffusion], which is not installed.",
            advice="Run `make install-diffusion`.",
        )
    return import_module("headshots.engine.diffusion.pipelines")
