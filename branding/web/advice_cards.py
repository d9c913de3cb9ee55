"""What the suggestions page shows: a card for each set of profiles that get the same advice."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from branding.advice.explanations import Improvement, PlaceAdvice, Sentence
from branding.advice.library import load_library
from branding.advice.plain_data import sentence_to_plain_data
from branding.advice.selectors import Suggestion
from headshots.models import Variant
from integrations.places import Place
from integrations.selectors import Profile

CONFIDENCE: Final = {
    "fair": _("The evidence for this choice is fairly good."),
    "some": _("There is some evidence for this choice."),
    "weak": _("The evidence is weak: this choice is mostly our judgement."),
}
GRADES: Final = {
    "A": _("strong evidence: large or repeated studies"),
    "B": _("good evidence: an experiment that experts reviewed"),
    "C": _("some evidence: an industry study"),
    "D": _("weak evidence"),
}


@dataclass(frozen=True)
class Note:
    """A sentence with the source on which it rests; `claim` is None for a judgement of ours."""

    text: str
    claim: int | None
    grade: str
    grade_words: Any
    n: str
    year: int | None
    source: str
    figure: str


@dataclass(frozen=True)
class BetterWay:
    """What would suit better: what to do, why, and the page on which it is done."""

    what: Note
    why: Note
    url: str
    label: Any


@dataclass(frozen=True)
class AdviceCard:
    """The advice for some profiles: the best headshot, the second best, and all that is said."""

    profiles: tuple[Profile, ...]
    best: Variant | None
    runner_up: Variant | None
    goal: Note
    reasons: tuple[Note, ...]
    drawbacks: tuple[Note, ...]
    confidence: Any
    is_close: bool
    conflicts: tuple[tuple[Note, Note], ...]
    no_effect: tuple[Note, ...]
    better: tuple[BetterWay, ...]
    convention: Note | None = None
    is_discouraged: bool = False

    @property
    def current_profiles(self) -> list[Profile]:
        """Those of the profiles that use a headshot now."""
        return [profile for profile in self.profiles if profile.choice]

    @property
    def place(self) -> Place:
        return self.profiles[0].place


def build_note(sentence: Sentence) -> Note:
    """Return a sentence of the advice with its source."""
    data = sentence_to_plain_data(sentence, load_library())
    return Note(**data, grade_words=GRADES.get(data["grade"], ""))


def build_cards(suggestions: Iterable[Suggestion]) -> list[AdviceCard]:
    """Return a card for each set of profiles with the same advice, in their order."""
    groups: dict[Any, list[Suggestion]] = {}
    for suggestion in suggestions:
        texts = tuple(sentence.text for sentence in suggestion.advice.sentences)
        groups.setdefault((suggestion.variants[:2], texts), []).append(suggestion)
    return [
        build_card(group[0].advice, group[0].variants, [entry.profile for entry in group])
        for group in groups.values()
    ]


def build_card(
    advice: PlaceAdvice, variants: tuple[Variant, ...], profiles: Iterable[Profile] = ()
) -> AdviceCard:
    """Return the card of an advice that ranks these headshots."""
    best, runner_up = (*variants[:2], None, None)[:2]
    return AdviceCard(
        tuple(profiles),
        best,
        runner_up,
        goal=build_note(advice.goal),
        reasons=_build_notes(advice.reasons),
        drawbacks=_build_notes(advice.drawbacks),
        confidence=CONFIDENCE.get(advice.confidence, ""),
        is_close=advice.is_close,
        conflicts=tuple(
            (build_note(first), build_note(second)) for first, second in advice.conflicts
        ),
        no_effect=_build_notes(advice.no_effect),
        better=tuple(_build_better_way(entry, best) for entry in advice.improvements if best),
        convention=build_note(advice.convention) if advice.convention else None,
        is_discouraged=advice.is_discouraged,
    )


def build_trend_notes() -> list[Note]:
    """Return what is said to be in fashion; it changes no suggestion."""
    return [
        Note(
            trend.text,
            trend.number,
            trend.grade,
            GRADES[trend.grade],
            n="",
            year=trend.year,
            source=trend.source,
            figure="",
        )
        for trend in load_library().trends
    ]


def _build_notes(sentences: Iterable[Sentence]) -> tuple[Note, ...]:
    return tuple(build_note(sentence) for sentence in sentences)


def _build_better_way(improvement: Improvement, best: Variant) -> BetterWay:
    """Return an improvement with the page on which it is made, and previewed where it can be."""
    make, headshot = reverse("web:make"), reverse("web:variant", args=[best.pk])
    url, label = {
        "look": (f"{make}?photo={best.photo_id}", _("Choose a style")),
        "slider": (headshot, _("Adjust it, with a preview")),
        "photo": (reverse("web:photos"), _("Add a photo")),
    }[improvement.by]
    return BetterWay(build_note(improvement.sentence), build_note(improvement.reason), url, label)
