"""The advice as plain data, for the API and for commands."""

from collections.abc import Mapping
from typing import Any, Final

from branding.advice.explanations import PlaceAdvice, Sentence, explain_candidate
from branding.advice.records import Library

CONFIDENCE_WORDS: Final = {
    "fair": "The evidence for this order is fairly good.",
    "some": "There is some evidence for this order.",
    "weak": "The evidence for this order is weak: it is mostly an editorial judgement.",
    "": "",
}
CLOSE_WORDS: Final = "The first two suit about equally well."
EXPLAINED: Final = 3  # candidates whose reasons are given


def advice_to_plain_data(
    advice: PlaceAdvice, library: Library, details: Mapping[str, Mapping[str, Any]]
) -> dict[str, Any]:
    """Return advice as plain data; `details` are what to say of each candidate, by its key."""
    return {
        "place": advice.place,
        "goal": sentence_to_plain_data(advice.goal, library),
        "looks": [
            {
                **details[entry.candidate.key],
                "score": entry.score,
                "measured": sorted(entry.candidate.features),
                "reasons": _reasons_of(advice, index, library),
            }
            for index, entry in enumerate(advice.ranked)
        ],
        "drawbacks": [sentence_to_plain_data(text, library) for text in advice.drawbacks],
        "confidence": describe_confidence(advice),
        "conflicts": [
            [sentence_to_plain_data(text, library) for text in pair] for pair in advice.conflicts
        ],
        "no_effect": [sentence_to_plain_data(text, library) for text in advice.no_effect],
        "better": [
            {
                "by": entry.by,
                "feature": entry.feature,
                "text": entry.sentence.text,
                "reason": sentence_to_plain_data(entry.reason, library),
            }
            for entry in advice.improvements
        ],
        "convention": sentence_to_plain_data(advice.convention, library)
        if advice.convention
        else None,
        "leave_out": advice.is_discouraged,
    }


def _reasons_of(advice: PlaceAdvice, index: int, library: Library) -> list[dict[str, Any]]:
    """Return the reasons for one of the first candidates; none for the others."""
    if index >= EXPLAINED:
        return []
    sentences = advice.reasons if index == 0 else explain_candidate(advice.ranked[index], library)
    return [sentence_to_plain_data(sentence, library) for sentence in sentences]


def describe_confidence(advice: PlaceAdvice) -> dict[str, Any]:
    """Return how sure the order is: fair, some or weak evidence, and whether it is close."""
    texts = (CONFIDENCE_WORDS[advice.confidence], CLOSE_WORDS if advice.is_close else "")
    text = " ".join(text for text in texts if text)
    return {"level": advice.confidence, "close": advice.is_close, "text": text}


def sentence_to_plain_data(sentence: Sentence, library: Library) -> dict[str, Any]:
    """Return a sentence with the grade, sample, year and source of what it rests on."""
    fields: dict[str, Any] = {"claim": sentence.claim, "text": sentence.text}
    convention = next(
        (entry for entry in library.conventions.values() if entry.number == sentence.claim), None
    )
    if sentence.claim is None:
        return fields | {"grade": sentence.grade, "n": "", "year": None, "source": "", "figure": ""}
    if convention:
        year, source = convention.year, convention.source
        return fields | {
            **{"grade": convention.grade, "n": "", "year": year, "source": source, "figure": ""},
        }
    claim = library.claims[sentence.claim]
    return fields | {
        "grade": claim.grade,
        "n": claim.n,
        "year": claim.year,
        "source": claim.source,
        "figure": claim.figure,
    }
