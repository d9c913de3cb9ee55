"""Candidates of the advice: what the looks would give of photos that were measured."""

from collections.abc import Iterable, Mapping
from typing import Any

from branding.advice.appearance import Measured, apply_look, find_features
from branding.advice.ranking import Candidate
from branding.advice.records import Library


def places_by_scene(library: Library) -> dict[str, str]:
    """Return the place that each background scene shows, as the name of its feature."""
    return {
        scene: feature.name.partition(".")[2]
        for feature in library.features.values()
        for scene in feature.scenes
    }


def build_candidate(
    key: str, photo: Measured, steps: Iterable[Mapping[str, Any]], library: Library
) -> Candidate:
    """Return a headshot as a candidate: what its photo shows, changed by the steps of its look."""
    measured = apply_look(photo, steps, places_by_scene(library))
    return Candidate(key, find_features(measured, library.features))
