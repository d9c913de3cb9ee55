"""What signs a call: a bearer token, other headers, a name and password."""

from collections.abc import Mapping
from typing import Any

from integrations.http import Signer


class Headers(Signer):
    """Puts headers onto a call."""

    def __init__(self, headers: Mapping[str, str]) -> None:
        self.headers = headers

    def __call__(self, request: Any) -> Any:
        request.headers.update(self.headers)
        return request


def bearer(token: str) -> Headers:
    """RFC 6750."""
    return Headers({"Authorization": f"Bearer {token}"})
