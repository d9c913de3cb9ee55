"""The HTTP client that adapters use: it signs calls for one account on one platform.

A failed read has changed nothing (Unavailable). After the same adapter method has sent something,
the picture may be set already, so a later failure is Uncertain.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final
from urllib.parse import urlsplit

from integrations.errors import (
    ManualActionRequired,
    PlatformError,
    Rejected,
    Unavailable,
    Uncertain,
)
from integrations.outbound.client import MAX_PICTURE_BYTES, OutboundClient, Signer
from integrations.outbound.hosts import origin_of
from integrations.outbound.responses import SAFE_METHODS, PlatformResponse

# Statuses by which a write says that the API has no such call (any more), RFC 9110, section 15.
GONE_STATUSES: Final = (404, 405, 410, 501)


class PlatformClient:
    """Calls one platform in the name of one account.

    `outbound` knows the allowed hosts and response rules, `server` is the base URL of the API,
    `sign` adds the credentials and `facts` are the account's `AccountIdentity.facts`. Methods take
    a path on that server or a whole URL, and the keyword arguments of `requests.request`.
    """

    def __init__(
        self,
        outbound: OutboundClient,
        server: str,
        *,
        sign: Signer | None,
        facts: Mapping[str, Any] | None = None,
    ) -> None:
        self.outbound = outbound
        self.server = server
        self.facts = facts or {}
        self.has_written = False  # whether the running adapter method has sent an accepted write
        self._sign = sign

    @property
    def host(self) -> str:
        """Return the host (and port) of the account's server."""
        return self.server.partition("://")[2]

    def send_request(self, method: str, path: str, **options: Any) -> PlatformResponse:
        """Send a signed request."""
        return self.send_unsigned_request(method, path, sign=self._sign, **options)

    def send_unsigned_request(self, method: str, path: str, **options: Any) -> PlatformResponse:
        """Send a request without the account's credentials."""
        return self._send_classified(self.outbound, method, path, **options)

    def get_json(self, path: str, **options: Any) -> Any:
        """Return the JSON of a signed GET."""
        return self.send_request("GET", path, **options).json()

    def get_json_or_none(self, path: str, **options: Any) -> Any | None:
        """Return the JSON of a signed GET; None if the platform answers 404."""
        response = self.send_request("GET", path, absent_status=404, **options)
        return None if response.status == 404 else response.json()

    def post_query(self, path: str, **options: Any) -> Any:
        """Return the JSON of a signed POST that changes nothing."""
        return self.send_request("POST", path, read_only=True, **options).json()

    def post_for_json(self, path: str, **options: Any) -> Any:
        """Return the JSON that a signed POST is answered with."""
        return self.send_request("POST", path, **options).json()

    def download_picture(self, path: str, **options: Any) -> PlatformResponse:
        """Download a picture by a signed GET; it may be larger than other responses."""
        outbound = self.outbound.with_max_size(MAX_PICTURE_BYTES)
        try:
            response = self._send_classified(outbound, "GET", path, sign=self._sign, **options)
            if response.status == 200 and not response.data:
                raise response.make_error("The picture is empty.")
        except PlatformError as error:
            error.is_about_picture = True
            raise
        return response

    def absolute_url(self, path: str) -> str:
        """Return the URL of a path on the server; URLs, also without a scheme, stay."""
        if path.startswith("//"):
            return f"https:{path}"
        if "://" in path:
            return path
        folder = urlsplit(self.server).path  # of a server that is installed in a folder
        is_complete = bool(folder) and path.startswith(f"{folder}/")
        return f"{origin_of(self.server) if is_complete else self.server}{path}"

    def hide_secret(self, secret: str) -> None:
        """Mask a secret in everything that is logged or raised from now on."""
        self.outbound.hide_secrets(secret)

    def unexpected_response_error(self) -> PlatformError:
        """Return the error for a response of an undocumented shape."""
        return self.outbound.unexpected_response_error(
            Uncertain if self.has_written else Unavailable
        )

    def _send_classified(
        self,
        outbound: OutboundClient,
        method: str,
        path: str,
        *,
        read_only: bool = False,
        **options: Any,
    ) -> PlatformResponse:
        is_read = read_only or method in SAFE_METHODS
        try:
            response = outbound.send_request(
                method, self.absolute_url(path), read_only=read_only, **options
            )
        except PlatformError as error:
            raise self._reclassify_error(error, is_read=is_read) from None
        self.has_written = self.has_written or not is_read

        def make_error(message: str) -> PlatformError:
            return self._reclassify_error(response.make_error(message), is_read=is_read)

        return replace(response, error_factory=make_error)

    def _reclassify_error(self, error: PlatformError, *, is_read: bool) -> PlatformError:
        """Return the error that this one stands for, by what was sent before it."""
        if is_read and self.has_written:
            return error.reclassify_as(Uncertain)
        is_gone = type(error) is Rejected and error.status in GONE_STATUSES and not is_read
        return error.reclassify_as(ManualActionRequired) if is_gone else error
