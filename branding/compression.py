"""Compression of JSON responses."""

from typing import Any, Final

from django.http import HttpRequest
from django.middleware.gzip import GZipMiddleware

COMPRESSED_TYPES: Final = ("application/json", "application/vnd.oai.openapi")


class JsonCompressionMiddleware(GZipMiddleware):
    """Compresses JSON and the schema; pictures are compressed already, and pages hold secrets.

    Compressing a page with a CSRF token beside text of others would weaken the token (BREACH).
    """

    def process_response(self, request: HttpRequest, response: Any) -> Any:
        """Compress the response if its client accepts gzip."""
        content_type = response.get("Content-Type", "")
        if response.streaming or not content_type.startswith(COMPRESSED_TYPES):
            return response
        return super().process_response(request, response)
