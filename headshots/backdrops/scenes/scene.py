"""What a scene script declares: its name, its tags, its moods and how it is built."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from headshots.backdrops.scenes.kit.stage import Camera, Stage


@dataclass(frozen=True)
class Scene:
    name: str
    tags: tuple[str, ...]
    build: Callable[[Stage], None]
    camera: Camera = field(default=Camera())
    exposure: dict[str, float] = field(default_factory=dict)  # stops by mood, added to the mood's
    contrast: str = "Medium High Contrast"  # a look of the AgX view transform
    seed: int = 7
