"""How many years of school a text asks for.

The formula is the grade level of J. P. Kincaid and others, "Derivation of new readability
formulas", US Naval Technical Training Command 1975: 0.39 words per sentence, plus 11.8 syllables
per word, minus 15.59.
"""

import re

SILENT_E = re.compile(r"(?:[^laeiouy]es|ed|[^laeiouy]e)$")
VOWELS = re.compile(r"[aeiouyé]+")


def reading_grade(text):
    """Return the grade level of an English text."""
    words = re.findall(r"[a-zé']+", text.lower())
    sentences = max(1, len(re.findall(r"[.!?:]+(?:\s|$)", text)))
    syllables = sum(count_syllables(word) for word in words)
    return 0.39 * len(words) / sentences + 11.8 * syllables / len(words) - 15.59


def count_syllables(word):
    """Count groups of vowels, without an e at the end that is not spoken."""
    return max(1, len(VOWELS.findall(SILENT_E.sub("", word))))
