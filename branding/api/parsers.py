"""The JSON parser of the API: refuses what is JSON and cannot be meant.

JSON does not limit numbers and nesting (RFC 8259, sections 6 and 9), and Python reads `1e400` as
infinity, which neither a whole number nor a database can hold.
"""

import json
import math
from typing import Any, Final

from rest_framework.exceptions import ParseError
from rest_framework.parsers import JSONParser

from integrations.outbound.json_reader import is_nested_deeper

MAX_DEPTH: Final = 32  # lists and objects inside one another
MAX_INTEGER: Final = 2**53  # beyond it, many programs read another number (RFC 8259, section 6)


class LimitedJSONParser(JSONParser):
    """Parses JSON in UTF-8 with finite numbers and limited nesting; ParseError (400) otherwise."""

    def parse(self, stream: Any, media_type: Any = None, parser_context: Any = None) -> Any:
        """Return the data of a request."""
        try:
            body = stream.read()
            if is_nested_deeper(body, MAX_DEPTH):
                raise _too_deep()
            data = json.loads(
                body.decode(),
                parse_constant=_refuse_number,
                parse_float=_parse_float,
                parse_int=_parse_integer,
            )
            json.dumps(data, ensure_ascii=False).encode()  # refuses halves of surrogate pairs
        except ValueError as error:  # no JSON, or no UTF-8
            reason = getattr(error, "reason", str(error))
            raise ParseError(f"JSON parse error - {reason}") from error
        return data


def _parse_float(text: str) -> float:
    number = float(text)
    return number if math.isfinite(number) else _refuse_number(text)


def _parse_integer(text: str) -> int:
    number = int(text)
    return number if abs(number) <= MAX_INTEGER else _refuse_number(text)


def _refuse_number(text: str) -> Any:
    raise ValueError(f"the number {text[:20]} is too large")


def _too_deep() -> ParseError:
    return ParseError(f"Lists and objects are nested more than {MAX_DEPTH} times.")
