"""Reads JSON that a stranger wrote: bounded nesting, finite numbers, texts that can be stored."""

import json
import math
import re
from typing import Any, Final

MAX_DEPTH: Final = 64  # of lists and objects in the response of a platform
# A text, or a bracket outside of texts.
_NESTING: Final = re.compile(rb'"(?:[^"\\]|\\.)*+"?|[\[{\]}]', re.DOTALL)
_DEPTH_CHANGES: Final = {b"[": 1, b"{": 1, b"]": -1, b"}": -1}
_UNSTORABLE_ESCAPE: Final = re.compile(rb"\\u(?:0000|[dD][89a-fA-F])")
_UNSTORABLE_CHARACTER: Final = re.compile("[\x00\ud800-\udfff]")


def parse_json(data: bytes) -> Any:
    """Return parsed JSON (RFC 8259) in UTF-8; ValueError if it is none.

    It is also none if it is nested too deeply, or has NaN or a number beyond the range of a float.
    In texts, what no database takes (a NUL, half of a surrogate pair) is replaced.
    """
    if is_nested_deeper(data, MAX_DEPTH):
        raise ValueError("The JSON is nested too deeply.")
    parsed = json.loads(
        data.decode("utf-8-sig"), parse_float=_parse_finite, parse_constant=_parse_finite
    )
    return _replace_unstorable(parsed) if _UNSTORABLE_ESCAPE.search(data) else parsed


def is_nested_deeper(data: bytes, limit: int) -> bool:
    """Return whether lists and objects of JSON are nested more than `limit` times.

    It is known before the JSON is parsed: Python's parser stops only where the stack ends, and
    there anything else that runs at that moment fails, too, for example a finalizer.
    """
    if data.count(b"[") + data.count(b"{") <= limit:
        return False
    depth = 0
    for token in _NESTING.finditer(data):
        depth += _DEPTH_CHANGES.get(token[0], 0)
        if depth > limit:
            return True
    return False


def _parse_finite(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise ValueError(f"{text[:20]} is no number.")
    return number


def _replace_unstorable(value: Any) -> Any:
    """Replace the characters that no database takes in every text of parsed JSON."""
    if isinstance(value, str):
        return _UNSTORABLE_CHARACTER.sub("\ufffd", value)
    if isinstance(value, list):
        return [_replace_unstorable(item) for item in value]
    if isinstance(value, dict):
        return {_replace_unstorable(key): _replace_unstorable(item) for key, item in value.items()}
    return value
