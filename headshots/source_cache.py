"""The photos that a worker used last, kept in memory as the engine has prepared them."""

import threading
import time
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import accumulate, zip_longest
from typing import Final, TypeAlias

from headshots.engine.errors import EngineError
from headshots.engine.render import Renderer
from headshots.engine.results import PreparedPhoto
from headshots.engine.types import FaceChoice, Pixels
from headshots.storage import pictures

WEIGHED_SIZE: Final = 1024  # pixels a side of headshots; one prepared for less takes less memory
SourceKey: TypeAlias = tuple[str, FaceChoice, int]  # picture, face and size of headshots


@dataclass
class SourceCache:
    """The photos used last, prepared for rendering (decoded, matted, checked).

    Keeps entries for `lifetime` seconds, and of those `capacity`: one that is prepared for large
    headshots counts as several, by its pixels. Threads that need the same photo at once wait for
    the one that prepares it. A photo that cannot be used is kept as its error.
    """

    capacity: int = 4
    lifetime: float = 600.0  # seconds
    _entries: OrderedDict[SourceKey, tuple[float, PreparedPhoto | EngineError]] = field(
        default_factory=OrderedDict
    )
    _entries_lock: threading.Lock = field(default_factory=threading.Lock)
    _source_locks: dict[SourceKey, threading.Lock] = field(default_factory=dict)

    def get_renderer(
        self,
        picture_names: Sequence[str],
        *,
        size: int,
        seed: int = 0,
        faces: Sequence[FaceChoice] = (),
    ) -> Renderer:
        """Return a renderer for these stored pictures; variants have `size` × `size` pixels.

        `faces` are the chosen faces of the first pictures; of the others the dominant one is used.
        """
        sources = {
            index: self._get_source((picture_name, face, size))
            for index, (picture_name, face) in enumerate(zip_longest(picture_names, faces))
        }
        return Renderer([], size=size, seed=seed, prepared=sources)

    def _get_source(self, key: SourceKey) -> PreparedPhoto | EngineError:
        """Return the entry of a photo, which is prepared now if there is none."""
        picture_name, face, size = key
        with self._entries_lock:
            self._evict_entries()
            source_lock = self._source_locks.setdefault(key, threading.Lock())
        with source_lock:  # only one thread prepares a photo
            with self._entries_lock:
                entry = self._entries.get(key)
            source = (
                entry[1]
                if entry
                else prepare_source(pictures.read_pixels(picture_name), size=size, face=face)
            )
            with self._entries_lock:
                self._entries[key] = (time.monotonic(), source)
                self._entries.move_to_end(key)
        return source

    def _evict_entries(self) -> None:
        """Remove entries that are too old or too many; the caller holds the lock."""
        now = time.monotonic()
        expired = [
            key for key, (last_used, _) in self._entries.items() if now - last_used > self.lifetime
        ]
        for key in [*expired, *self._keys_beyond_capacity()]:
            self._entries.pop(key, None)
            self._source_locks.pop(key, None)

    def _keys_beyond_capacity(self) -> list[SourceKey]:
        """Return the keys of the oldest entries for which there is no room."""
        newest_first = list(reversed(self._entries))
        weights = [max(1.0, (size / WEIGHED_SIZE) ** 2) for _, _, size in newest_first]
        totals = accumulate(weights)
        return [
            key for key, total in zip(newest_first, totals, strict=True) if total > self.capacity
        ]


SOURCE_CACHE: Final = SourceCache()


def prepare_source(
    pixels: Pixels, *, size: int, face: FaceChoice = None
) -> PreparedPhoto | EngineError:
    """Prepare a photo for rendering, or return the error that makes it unusable."""
    try:
        return Renderer([pixels], size=size, face=face).prepare_photo(0)
    except EngineError as error:
        return error
