"""Queries: which of a person's headshots suits each of their profiles."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final
from uuid import UUID

from django.utils import timezone
from django.utils.translation import gettext as _

from branding.accounts.models import User
from branding.advice.appearance import Measured, measured_of_photo
from branding.advice.explanations import PlaceAdvice, advise
from branding.advice.library import load_library
from branding.advice.looks import build_candidate
from branding.advice.models import AdviceSettings
from branding.advice.ranking import Candidate, Verdict
from branding.advice.records import CV
from branding.advice.situations import Situation, build_situation
from branding.advice.story import Shown
from branding.juries.selectors import evidence_of
from headshots import selectors
from headshots.errors import NotReady
from headshots.models import Photo, Variant
from integrations.places import Place, all_places
from integrations.selectors import Profile, profiles_of

CANDIDATES: Final = 60  # newest headshots among which the best is found


@dataclass(frozen=True)
class Wishes:
    """For whom somebody wants to be seen, by slugs of the data, and what they say of their photos.

    `country`, `dress` and `taken_by` may be empty; `own_weights` replace the proposal of the role.
    `verdicts` are what people said who were asked about a headshot, by its id.
    """

    role: str
    audiences: tuple[str, ...] = ()
    country: str = ""
    dress: str = ""
    taken_by: str = ""
    verdicts: Mapping[str, Verdict] = field(default_factory=dict)
    own_weights: Mapping[str, Mapping[str, float]] = field(default_factory=dict)  # by place


@dataclass(frozen=True)
class Suggestion:
    """The advice for one profile; `variants` are the headshots that it ranks, best first."""

    profile: Profile
    advice: PlaceAdvice
    variants: tuple[Variant, ...]

    @property
    def best(self) -> Variant | None:
        return self.variants[0] if self.variants else None

    @property
    def is_change(self) -> bool:
        """Whether the profile uses another headshot than the best one, or none."""
        choice = self.profile.choice
        return self.best is not None and (choice is None or choice.variant_id != self.best.pk)


def advice_settings_of(owner: User) -> AdviceSettings | None:
    """Return for whom a person wants to be seen; None until they named a role that is known."""
    roles = list(load_library().roles)
    advice_settings = AdviceSettings.objects.filter(owner=owner, role__in=roles).first()
    if advice_settings is not None:
        advice_settings.owner = owner  # so that it is not read again
    return advice_settings


def require_settings(owner: User) -> AdviceSettings:
    """Return the settings of a person; raises NotReady as long as there are none."""
    advice_settings = advice_settings_of(owner)
    if advice_settings is None:
        raise NotReady(
            _("We do not know yet for whom your headshots are."), advice=_("Tell us first.")
        )
    return advice_settings


def wishes_of(advice_settings: AdviceSettings) -> Wishes:
    """Return saved settings as wishes, without what the data files do not have any more."""
    library = load_library()
    country = advice_settings.country
    return Wishes(
        role=advice_settings.role,
        audiences=tuple(
            slug for slug in library.audiences if slug in (advice_settings.audiences or ())
        ),
        country=country if country in library.conventions else "",
        dress=advice_settings.dress,
        taken_by=advice_settings.taken_by,
        own_weights=_known_weights(advice_settings.own_weights),
        verdicts=verdicts_of(advice_settings.owner),
    )


def verdicts_of(owner: User) -> dict[str, Verdict]:
    """Return what people who were asked said of the owner's headshots, by the headshots' ids."""
    evidence = evidence_of(owner)
    return {key: Verdict(finding.words, finding.value) for key, finding in evidence.items()}


def _known_weights(own_weights: Any) -> dict[str, dict[str, float]]:
    """Return saved weights by place and goal, without goals that the data files do not have."""
    goals = load_library().goals
    known = {
        place: {goal: float(weights[goal]) for goal in goals if goal in weights}
        for place, weights in (own_weights or {}).items()
    }
    return {place: weights for place, weights in known.items() if any(weights.values())}


def suggestions_of(owner: User, wishes: Wishes) -> list[Suggestion]:
    """Return a suggestion for each profile with an account or a headshot, in their order.

    Raises UnknownSituation for a role, an audience or a country that the data do not have.
    """
    mine = [profile for profile in profiles_of(owner) if profile.choice or profile.connection]
    if not mine:
        return []
    variants, candidates = _build_candidates(owner, wishes)
    return [
        Suggestion(profile, *_advise_place(profile.place.slug, candidates, variants, wishes))
        for profile in mine
    ]


def ranks_of_variant(
    owner: User, wishes: Wishes, variant: Variant, places: Iterable[str]
) -> dict[str, int]:
    """Return the rank of a headshot among the owner's newest ones at each place; 0 is the best.

    There is no rank for a headshot that is not among those.
    """
    variants, candidates = _build_candidates(owner, wishes)
    ranks = {}
    for place in dict.fromkeys(places):
        ranked = _advise_place(place, candidates, variants, wishes)[1]
        if variant in ranked:
            ranks[place] = ranked.index(variant)
    return ranks


def suggested_places(
    variants: Iterable[Variant], wishes: Wishes, places: Iterable[str]
) -> dict[UUID, list[Place]]:
    """Return the places for which each of some headshots is the best one, by the headshot's id."""
    by_id = {str(variant.pk): variant for variant in variants}
    candidates = [build_variant_candidate(variant, wishes) for variant in by_id.values()]
    suggested: dict[UUID, list[Place]] = defaultdict(list)
    for place in dict.fromkeys(places):
        ranked = _advise_place(place, candidates, by_id, wishes)[1]
        if ranked:
            suggested[ranked[0].pk].append(all_places()[place])
    return dict(suggested)


def shown_profiles(profiles: Iterable[Profile], wishes: Wishes) -> list[tuple[Profile, Shown]]:
    """Return the profiles that use a headshot, each with what it shows."""
    shown = []
    for profile in profiles:
        if profile.choice is None:
            continue
        variant = profile.choice.variant
        shown.append(
            (
                profile,
                Shown(
                    profile.place.name,
                    situation_of(wishes, profile.place.slug).place_kind.slug,
                    build_variant_candidate(variant, wishes).features,
                    variant.photo.added_at.date() if variant.photo else None,
                ),
            )
        )
    return shown


def application_advice(
    owner: User, wishes: Wishes
) -> tuple[PlaceAdvice, tuple[Variant, ...]] | None:
    """Return the advice for a CV and the headshots that it ranks; None without a country.

    Raises UnknownSituation, as `suggestions_of`.
    """
    if not wishes.country:
        return None
    variants, candidates = _build_candidates(owner, wishes)
    return _advise_place(CV, candidates, variants, wishes)


def _build_candidates(owner: User, wishes: Wishes) -> tuple[dict[str, Variant], list[Candidate]]:
    """Return the newest headshots by id, and the same as candidates."""
    variants = {str(variant.pk): variant for variant in _ready_variants(owner)}
    return variants, [build_variant_candidate(entry, wishes) for entry in variants.values()]


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


def situation_of(wishes: Wishes, place: str) -> Situation:
    """Return the situation of wishes at a place, with the person's own weights."""
    return build_situation(
        load_library(),
        role=wishes.role,
        audiences=wishes.audiences,
        country=wishes.country,
        place=place,
        own_weights=wishes.own_weights.get(place),
    )


def _advise_place(
    place: str, candidates: list[Candidate], variants: dict[str, Variant], wishes: Wishes
) -> tuple[PlaceAdvice, tuple[Variant, ...]]:
    """Return the advice for one place, and the headshots in its order."""
    advice = advise(candidates, situation_of(wishes, place), load_library())
    return advice, tuple(variants[entry.candidate.key] for entry in advice.ranked)
