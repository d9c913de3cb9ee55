"""Build the sentences for an image model from look, brand and a person's own words.

A person's words describe a place or clothes. They are limited in length and characters, and words
about the person's body are refused.
"""

import re
from typing import Final

import numpy as np

from headshots.engine import color
from headshots.engine.errors import BadRecipe
from headshots.engine.operations import scenes

MAX_WORDS_LENGTH: Final = 160  # characters of a person's own words
# What a person's words may be made of: letters, digits and plain punctuation, on one line.
PLAIN_WORDS_PATTERN: Final = re.compile(r"[\w ,.;:'’&()/+-]*")

# The negative prompt. Open editors lighten skin in 62 to 71 % of edits without being asked
# (arXiv 2602.16149), so it is ruled out, and below nobody may ask for it either.
NEGATIVE_TERMS: Final = (
    "whitening",
    "lightened skin",
    "beautify",
    "airbrushed skin",
    "plastic skin",
    "younger",
    "slimmer",
    "makeup",
    "second person",
    "extra people",
    "crowd",
    "text",
    "letters",
    "logo",
    "watermark",
    "frame",
    "illustration",
    "cartoon",
    "deformed hands",
)
FORBIDDEN_WORDS_PATTERN: Final = re.compile(
    r"whiten|lighten|bleach|beautif|airbrush|\bskin|\bface|complexion|young|slim|thinner"
    r"|\bage\b|aging|ethnic|\brace\b|nude|naked",
    re.IGNORECASE,
)
PHOTO_STYLE: Final = "a photograph, natural light and colour, 85 mm lens, shallow depth of field"
MOOD_LIGHT: Final = {
    "": "soft daylight",
    "morning": "clear morning light",
    "golden": "warm golden-hour light",
    "evening": "low evening light",
}

# The changes of the face itself that are offered, each with its whole sentence.
CHANGES: Final = {
    "smile": "Give this person a natural, friendly smile that also shows around the eyes",
    "serious": "Give this person a calm, serious expression with the mouth closed",
    "contemplative": "Give this person a thoughtful expression with the mouth at rest",
    "left": "Turn this person's head slightly to the left of the picture",
    "right": "Turn this person's head slightly to the right of the picture",
    "glare": "Remove the reflections from this person's glasses",
}
KEEP_THE_REST: Final = (
    "Keep everything else exactly as it is: the same person, identity, age, skin tone and texture,"
    " hair, clothes, framing, light and background."
)

# Typical values of colours that a sentence can name, as '#RRGGBB': chosen by eye.
COLOUR_NAMES: Final = {
    "white": "#FFFFFF",
    "black": "#101010",
    "grey": "#808080",
    "red": "#C8281E",
    "burgundy": "#7A2B30",
    "orange": "#E8792B",
    "terracotta": "#C8643C",
    "yellow": "#F0C432",
    "olive": "#7A7A30",
    "green": "#2E8B3A",
    "forest green": "#0B4E2F",
    "teal": "#0B6E6E",
    "turquoise": "#30B8B8",
    "sky blue": "#6AAFE0",
    "blue": "#2458C8",
    "navy": "#1A2A52",
    "purple": "#6A3AA0",
    "lilac": "#B89AD8",
    "pink": "#E890B0",
    "brown": "#6B4428",
    "beige": "#D8C8A8",
}


def negative_prompt() -> str:
    """Return the negative prompt, which is the same for every request."""
    return ", ".join(NEGATIVE_TERMS)


def place_prompt(words: str, *, mood: str = "", feel: str = "", accent: str = "") -> str:
    """Return the sentence for a person's surroundings in their own words.

    `mood` is a mood of the scene library or '', `feel` how the look should seem, `accent`
    '#RRGGBB' or ''. Raises BadRecipe as require_plain does.
    """
    require_plain(words, parameter="place")
    return _join_parts(
        f"Portrait of one person in front of this place, out of focus behind: {words.strip()}",
        MOOD_LIGHT[mood],
        f"a mood that feels {feel}" if feel else "",
        f"a few {name_colour(accent)} accents ({accent})" if accent else "",
        PHOTO_STYLE,
    )


def outfit_prompt(words: str, *, feel: str = "", accent: str = "") -> str:
    """Return the sentence for clothes in the person's own words.

    Raises BadRecipe as require_plain does.
    """
    require_plain(words, parameter="outfit")
    return _join_parts(
        f"Portrait of one person wearing {words.strip()}",
        "well fitted, real fabric with folds and seams, natural shoulders",
        f"dressed to seem {feel}" if feel else "",
        f"one small {name_colour(accent)} detail ({accent})" if accent else "",
        PHOTO_STYLE,
    )


def change_prompt(name: str) -> str:
    """Return the sentence for a change of the face; raises BadRecipe for one not offered."""
    if name not in CHANGES:
        raise BadRecipe(
            f"There is no change '{name}' of a face.", advice=f"One of {', '.join(CHANGES)}."
        )
    return f"{CHANGES[name]}. {KEEP_THE_REST}"


def require_plain(words: str, *, parameter: str) -> None:
    """Raise BadRecipe for words that are too long, not one plain line, or about the person's body.

    `parameter` is the parameter that the error message names.
    """
    if len(words) > MAX_WORDS_LENGTH:
        raise BadRecipe(
            f"'{parameter}' is longer than {MAX_WORDS_LENGTH} characters.", advice="Say it shorter."
        )
    if not PLAIN_WORDS_PATTERN.fullmatch(words):
        raise BadRecipe(f"'{parameter}' must be one plain line of words.", advice="Use words only.")
    forbidden_word = FORBIDDEN_WORDS_PATTERN.search(words)
    if forbidden_word:
        raise BadRecipe(
            f"'{parameter}' says '{forbidden_word[0]}': the person stays as they are.",
            advice="Describe the place or the clothes only.",
        )


def require_mood(mood: str) -> None:
    """Raise BadRecipe for a mood that no scene has."""
    if mood not in MOOD_LIGHT:
        raise BadRecipe(f"There is no mood '{mood}'.", advice=f"One of {', '.join(scenes.MOODS)}.")


def require_colour(accent: str) -> None:
    """Raise BadRecipe unless it is '' or '#RRGGBB'."""
    if accent and not color.HEX_PATTERN.fullmatch(accent):
        raise BadRecipe(f"'{accent}' is not a colour like #0B6E4F.")


def name_colour(accent: str) -> str:
    """Return the name of the colour nearest to '#RRGGBB', by ΔE76."""
    wanted_lab = _hex_to_lab(accent)
    return min(
        COLOUR_NAMES,
        key=lambda colour_name: float(
            np.linalg.norm(_hex_to_lab(COLOUR_NAMES[colour_name]) - wanted_lab)
        ),
    )


def _hex_to_lab(hex_color: str) -> np.ndarray[tuple[int, ...], np.dtype[np.float32]]:
    return color.to_lab(color.from_hex(hex_color)[None, None])[0, 0]


def _join_parts(*parts: str) -> str:
    return ", ".join(part for part in parts if part) + "."
