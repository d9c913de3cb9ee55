"""What the script of a scene declares."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from headshots.backdrops.scenes.kit.stage import Camera, Stage


@dataclass(frozen=True)
class SceneScript:
    """Name, tags, camera and exposure of a scene, and the function that builds it."""

    name: str
    tags: tuple[str, ...]
    build: Callable[[Stage], None]
    camera: Camera = field(default=Camera())
    exposure: dict[str, float] = field(default_factory=dict)  # stops by mood, added to the mood's
    contrast: str = "Medium High Contrast"  # a look of the AgX view transform
    seed: int = 7
