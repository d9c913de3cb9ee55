"""What must never be advised on, inferred or scored: a person's body, age, sex and groups."""

import re
from typing import Final

# Whole words, and beginnings of words. A text that contains one must not be shown as advice.
WORDS: Final = (
    *("man", "men", "woman", "women", "sex", "sexes", "male", "female", "boy", "girl", "wife"),
    *("husband", "gender", "race", "skin", "fat", "thin", "slim", "tall", "obese", "overweight"),
    *("young", "younger", "elderly", "your age", "look old", "looks old", "age group"),
    *("scar", "scars", "wheelchair", "veil", "faith", "glasses", "spectacles"),
    *("face shape", "shape of your face", "facial width", "face width", "body weight"),
)
BEGINNINGS: Final = (
    *("racial", "ethnic", "nationalit", "complexion", "wrinkl", "masculin", "feminin"),
    *("attractive", "beaut", "prett", "handsome", "ugl", "good-looking", "ageing", "disab"),
    *("cheekbone", "jawline", "symmetr", "birthmark", "hair colo", "haircut", "hairstyle"),
    *("make-up", "makeup", "lipstick", "beard", "moustache", "shav"),
    *("hijab", "headscar", "turban", "kippa", "yarmulke", "religio"),
)
FORBIDDEN: Final = re.compile(
    rf"\b(?:(?:{'|'.join(WORDS)})\b|(?:{'|'.join(BEGINNINGS)}))", re.IGNORECASE
)


def find_forbidden(text: str) -> str:
    """Return the first word of a text that is about what must not be advised on, or ""."""
    forbidden_match = FORBIDDEN.search(text)
    return forbidden_match[0] if forbidden_match else ""
