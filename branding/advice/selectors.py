"""Queries: which of a person's headshots suits each of their profiles."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
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
from branding.advice.story import ProfileHeadshot
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


@dataclass(frozen=True, eq=False)
class Advisor:
    """Ranks headshots of one person for places; each headshot is measured once."""

    wishes: Wishes
    variants: tuple[Variant, ...]

    @cached_property
    def candidates(self) -> list[Candidate]:
        """The headshots, with what was measured of them."""
        return [build_variant_candidate(variant, self.wishes) for variant in self.variants]

    def rank(self, place: str) -> tuple[PlaceAdvice, tuple[Variant, ...]]:
        """Return the advice for one place, and the headshots in its order.

        Raises UnknownSituation for a role, an audience or a country that the data do not have.
        """
        advice = advise(self.candidates, situation_of(self.wishes, place), load_library())
        variants = {str(variant.pk): variant for variant in self.variants}
        return advice, tuple(variants[entry.candidate.key] for entry in advice.ranked)


def advisor_of(owner: User, wishes: Wishes) -> Advisor:
    """Return an advisor for the newest headshots of a person, kept ones first."""
    variants = selectors.variants_of(owner).select_related("photo", "parent", "render")
    usable_variants = selectors.only_usable(variants)
    newest = usable_variants.order_by("-kept", "-made_at", "number", "suffix")[:CANDIDATES]
    return Advisor(wishes, tuple(newest))


def suggestions_of(owner: User, advisor: Advisor) -> list[Suggestion]:
    """Return a suggestion for each profile that the person uses, in their order.

    Raises UnknownSituation, as `Advisor.rank`.
    """
    return suggest(advisor, (profile for profile in profiles_of(owner) if profile.is_in_use))


def suggest(advisor: Advisor, profiles: Iterable[Profile]) -> list[Suggestion]:
    """Return a suggestion for each of these profiles, in their order."""
    return [Suggestion(profile, *advisor.rank(profile.place.slug)) for profile in profiles]


def seen_first(profiles: Iterable[Profile], wishes: Wishes) -> list[Profile]:
    """Return the profiles with those first where the person's audiences look before others do."""
    kinds = load_library().place_kinds.values()
    first = {
        place for kind in kinds if kind.audiences & set(wishes.audiences) for place in kind.places
    }
    return sorted(profiles, key=lambda profile: profile.place.slug not in first)


def application_advice(advisor: Advisor) -> tuple[PlaceAdvice, tuple[Variant, ...]] | None:
    """Return the advice for a CV and the headshots that it ranks; None without a country."""
    return advisor.rank(CV) if advisor.wishes.country else None


def ranks_of_variant(advisor: Advisor, variant: Variant, places: Iterable[str]) -> dict[str, int]:
    """Return the rank of a headshot among those of the advisor at each place; 0 is the best.

    There is no rank for a headshot that is not among those.
    """
    ranks = {}
    for place in dict.fromkeys(places):
        _, ranked_variants = advisor.rank(place)
        if variant in ranked_variants:
            ranks[place] = ranked_variants.index(variant)
    return ranks


def suggested_places(advisor: Advisor, places: Iterable[str]) -> dict[UUID, list[Place]]:
    """Return the places for which each of some headshots is the best one, by the headshot's id."""
    suggested: dict[UUID, list[Place]] = defaultdict(list)
    for place in dict.fromkeys(places):
        _, ranked_variants = advisor.rank(place)
        if ranked_variants:
            suggested[ranked_variants[0].pk].append(all_places()[place])
    return dict(suggested)


def profile_headshots(
    profiles: Iterable[Profile], wishes: Wishes
) -> list[tuple[Profile, ProfileHeadshot]]:
    """Return the profiles that use a headshot, each with what it shows."""
    return [
        (profile, _describe_headshot(profile, profile.choice.variant, wishes))
        for profile in profiles
        if profile.choice
    ]


def _describe_headshot(profile: Profile, variant: Variant, wishes: Wishes) -> ProfileHeadshot:
    return ProfileHeadshot(
        profile.place.name,
        situation_of(wishes, profile.place.slug).place_kind.slug,
        build_variant_candidate(variant, wishes).features,
        variant.photo.added_at.date() if variant.photo else None,
    )


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
