"""The HTTP client that adapters use: it signs calls for one account on one platform.

A failed read has changed nothing (Unavailable). After the same adapter method has sent something,
the picture may be set already, so a later failure is Uncertain.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

from integrations.errors import (
    ManualActionRequired,
    PlatformError,
    Rejected,
    Unavailable,
    Uncertain,
)
from integrations.outbound.client import PICTURES, Door, Signer
from integrations.outbound.responses import READS, Answer

# Statuses by which a write says that the API has no such call (any more), RFC 9110, section 15.
GONE: Final = (404, 405, 410, 501)


class Client:
    """Calls one platform in the name of one account.

    `outbound` knows the allowed hosts and response rules, `server` is the base URL of the API,
    `sign` adds the credentials and `facts` are the account's `AccountIdentity.facts`. Methods take
    a path on that server or a whole URL, and the keyword arguments of `requests.request`.
    """

    def __init__(
        self,
        door: Door,
        server: str,
        *,
        sign: Signer | None,
        facts: Mapping[str, Any] | None = None,
    ) -> None:
        self.door = door
        self.server = server
        self.facts = facts or {}
        self.changed = False  # whether the running adapter method has sent an accepted write
        self._sign = sign

    @property
    def host(self) -> str:
        """Return the host (and port) of the account's server."""
        return self.server.partition("://")[2]

    def call(self, method: str, path: str, **options: Any) -> Answer:
        """Send a signed request."""
        return self.unsigned(method, path, sign=self._sign, **options)

    def unsigned(self, method: str, path: str, **options: Any) -> Answer:
        """Send a request without the account's credentials."""
        return self._send(self.door, method, path, **options)

    def get(self, path: str, **options: Any) -> Any:
        """Return the JSON of a signed GET."""
        return self.call("GET", path, **options).json()

    def found(self, path: str, **options: Any) -> Any | None:
        """Return the JSON of a signed GET; None if the platform answers 404."""
        response = self.call("GET", path, absent_status=404, **options)
        return None if response.status == 404 else response.json()

    def ask(self, path: str, **options: Any) -> Any:
        """Return the JSON of a signed POST that changes nothing."""
        return self.call("POST", path, read_only=True, **options).json()

    def post(self, path: str, **options: Any) -> Any:
        """Return the JSON that a signed POST is answered with."""
        return self.call("POST", path, **options).json()

    def picture(self, path: str, **options: Any) -> Answer:
        """Download a picture by a signed GET; it may be larger than other responses."""
        outbound = self.door.wider(PICTURES)
        response = self._send(outbound, "GET", path, sign=self._sign, **options)
        if response.status == 200 and not response.data:
            raise response.failed("The picture is empty.")
        return response

    def at(self, path: str) -> str:
        """Return the URL of a path on the server; URLs, also without a scheme, stay."""
        if path.startswith("//"):
            return f"https:{path}"
        return path if "://" in path else f"{self.server}{path}"

    def hide(self, secret: str) -> None:
        """Mask a secret in everything that is logged or raised from now on."""
        self.door.hide(secret)

    def misread(self) -> PlatformError:
        """Return the error for a response of an undocumented shape."""
        return self.door.misread(Uncertain if self.changed else Unavailable)

    def _send(
        self, door: Door, method: str, path: str, *, read_only: bool = False, **options: Any
    ) -> Answer:
        is_read = read_only or method in READS

        def reclassify(error: PlatformError) -> PlatformError:
            if is_read and self.changed:
                return error.becomes(Uncertain)
            is_gone = type(error) is Rejected and error.status in GONE and not is_read
            return error.becomes(ManualActionRequired) if is_gone else error

        try:
            response = door.call(method, self.at(path), read_only=read_only, **options)
        except PlatformError as error:
            raise reclassify(error) from None
        self.changed = self.changed or not is_read
        return replace(response, error_factory=lambda message: reclassify(response.failed(message)))
