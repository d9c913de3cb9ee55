"""Conditional and partial responses to reads of a file (RFC 9110, sections 13 and 14)."""

import hashlib
import re
from typing import Final

from django.http import HttpRequest, HttpResponse
from django.utils.cache import get_conditional_response

ONE_RANGE: Final = re.compile(r"bytes=(\d*)-(\d*)", re.ASCII)
ETAG_LENGTH: Final = 32  # hexadecimal digits, 128 bits of the SHA-256


def apply_conditions(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    """Return a response with 304, with the requested part (206), or as it was.

    `response` has the whole file. A header with several ranges is ignored, as the standard allows;
    one beyond the end of the file is answered with 416.
    """
    etag = f'"{hashlib.sha256(response.content).hexdigest()[:ETAG_LENGTH]}"'
    response.headers["ETag"] = etag
    response.headers["Accept-Ranges"] = "bytes"
    conditional_response = get_conditional_response(request, etag=etag, response=response)
    if conditional_response is None or conditional_response.status_code != 200:
        return conditional_response or response
    match = ONE_RANGE.fullmatch(request.headers.get("Range", "").strip())
    if match is None or match.groups() == ("", "") or not _is_range_valid(request, etag):
        return response
    return _cut_response(response, *match.groups())


def _is_range_valid(request: HttpRequest, etag: str) -> bool:
    """Return whether the range belongs to this state of the file (RFC 9110, section 13.1.5)."""
    return request.method == "GET" and request.headers.get("If-Range", etag) == etag


def _cut_response(response: HttpResponse, first_text: str, last_text: str) -> HttpResponse:
    """Reduce the response to a range of bytes, both ends included; or to the last ones."""
    size = len(response.content)
    first = int(first_text) if first_text else max(0, size - int(last_text))
    last = min(int(last_text), size - 1) if first_text and last_text else size - 1
    if first > last:
        response.status_code, response.content = 416, b""
        response.headers["Content-Range"] = f"bytes */{size}"
        return response
    response.status_code, response.content = 206, response.content[first : last + 1]
    response.headers["Content-Range"] = f"bytes {first}-{last}/{size}"
    return response
