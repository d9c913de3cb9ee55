"""Queries: which of a person's headshots suits each of their profiles."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final

from django.utils import timezone

from branding.accounts.models import User
from branding.advice.appearance import Measured, measured_of_photo
from branding.advice.explanations import PlaceAdvice, advise
from branding.advice.library import load_library
from branding.advice.looks import build_candidate
from branding.advice.ranking import Candidate, Verdict
from branding.advice.situations import build_situation
from headshots import selectors
from headshots.models import Photo, Variant
from integrations.selectors import Profile, profiles_of

CANDIDATES: Final = 60  # newest headshots among which the best is found


@dataclass(frozen=True)
class Wishes:
    """For whom somebody wants to be seen, by slugs of the data, and what they say of their photos.

    `country`, `dress` and `taken_by` may be empty. `verdicts` are what people said who were asked
    about a headshot, by its id.
    """

    role: str
    audience: str
    country: str = ""
    dress: str = ""
    taken_by: str = ""
    verdicts: Mapping[str, Verdict] = field(default_factory=dict)


@dataclass(frozen=True)
class Suggestion:
    """The advice for one profile; `variants` are the headshots that it ranks, best first."""

    profile: Profile
    advice: PlaceAdvice
    variants: tuple[Variant, ...]


def suggestions_of(owner: User, wishes: Wishes) -> list[Suggestion]:
    """Return a suggestion for each profile with an account or a headshot, in their order.

    Raises UnknownSituation for a role, an audience or a country that the data do not have.
    """
    mine = [profile for profile in profiles_of(owner) if profile.choice or profile.connection]
    variants = {str(variant.pk): variant for variant in _ready_variants(owner)}
    candidates = [build_variant_candidate(variant, wishes) for variant in variants.values()]
    return [_suggest(profile, candidates, variants, wishes) for profile in mine]


def _ready_variants(owner: User) -> Iterable[Variant]:
    """Return the newest finished headshots that were not discarded, kept ones first."""
    ready = selectors.variants_of(owner).filter(state=Variant.State.READY, discarded_at=None)
    return ready.order_by("-kept", "-made_at", "number", "suffix")[:CANDIDATES]


def build_variant_candidate(variant: Variant, wishes: Wishes) -> Candidate:
    """Return a headshot as a candidate, with what was measured of its photo and its crop."""
    photo = _measure(variant, wishes)
    steps: list[dict[str, Any]] = variant.steps or variant.wished
    candidate = build_candidate(str(variant.pk), photo, steps, load_library())
    return replace(candidate, verdict=wishes.verdicts.get(candidate.key))


def _measure(variant: Variant, wishes: Wishes) -> Measured:
    photo = variant.photo
    if photo is None:
        return Measured(dress=wishes.dress, taken=wishes.taken_by)
    return measured_of_photo(
        photo.appearance,
        head_share=_head_share(photo, variant),
        age_days=(timezone.now() - photo.added_at).days,
        dress=wishes.dress,
        taken="other" if photo.professional else wishes.taken_by,
    )


def _head_share(photo: Photo, variant: Variant) -> float | None:
    """Return crown to chin over the height of the headshot; None where it is not known."""
    crop = variant.view_box.split()
    head_height = (photo.appearance or {}).get("head_height")
    if not head_height or len(crop) != 4 or not float(crop[3]):
        return None
    return float(head_height) / float(crop[3])


def _suggest(
    profile: Profile,
    candidates: list[Candidate],
    variants: dict[str, Variant],
    wishes: Wishes,
) -> Suggestion:
    library = load_library()
    situation = build_situation(
        library,
        role=wishes.role,
        audience=wishes.audience,
        country=wishes.country,
        place=profile.place.slug,
    )
    advice = advise(candidates, situation, library)
    ranked = tuple(variants[entry.candidate.key] for entry in advice.ranked)
    return Suggestion(profile, advice, ranked)
