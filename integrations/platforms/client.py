"""A way to one account on one platform: signs calls, and knows what a failure leaves behind.

A read that fails changed nothing. One that fails after the same verb has written something leaves
the verb in doubt: the picture may hang there already.
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

GONE: Final = (404, 405, 410, 501)  # to a write: there is no such way (any more)


class Client:
    """Already bound to the token, the hosts and what answers mean."""

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
        self.changed = False  # whether this verb has sent something that was taken
        self._sign = sign

    @property
    def host(self) -> str:
        """The name of the account's own server."""
        return self.server.partition("://")[2]

    def call(self, method: str, path: str, **sent: Any) -> Answer:
        """One signed call; a path is meant on the account's own server."""
        return self.unsigned(method, path, sign=self._sign, **sent)

    def unsigned(self, method: str, path: str, **sent: Any) -> Answer:
        """A call that does not carry the token, unless it is signed by hand."""
        return self._send(self.door, method, path, **sent)

    def get(self, path: str, **sent: Any) -> Any:
        """What a signed GET answers, as data."""
        return self.call("GET", path, **sent).json()

    def found(self, path: str, **sent: Any) -> Any | None:
        """What a signed GET answers; None if the platform says there is none (404)."""
        answer = self.call("GET", path, absent=404, **sent)
        return None if answer.status == 404 else answer.json()

    def ask(self, path: str, **sent: Any) -> Any:
        """What a signed POST that changes nothing answers, as data."""
        return self.call("POST", path, reads=True, **sent).json()

    def post(self, path: str, **sent: Any) -> Any:
        """What a signed POST answers, as data."""
        return self.call("POST", path, **sent).json()

    def picture(self, path: str, **sent: Any) -> Answer:
        """A picture by a signed GET, with the room that pictures need."""
        answer = self._send(self.door.wider(PICTURES), "GET", path, sign=self._sign, **sent)
        if answer.status == 200 and not answer.data:
            raise answer.failed("The picture is empty.")
        return answer

    def at(self, path: str) -> str:
        """The whole address of a path."""
        if path.startswith("//"):
            return f"https:{path}"
        return path if "://" in path else f"{self.server}{path}"

    def hide(self, secret: str) -> None:
        """Let nothing that is logged or raised from here on repeat it."""
        self.door.hide(secret)

    def misread(self) -> PlatformError:
        """What it means that an answer was not understood."""
        return self.door.misread(Uncertain if self.changed else Unavailable)

    def _send(self, door: Door, method: str, path: str, **sent: Any) -> Answer:
        reads = sent.get("reads", method in READS)

        def meant(error: PlatformError) -> PlatformError:
            if reads and self.changed:
                return error.becomes(Uncertain)
            gone = type(error) is Rejected and error.status in GONE and not reads
            return error.becomes(ManualActionRequired) if gone else error

        try:
            answer = door.call(method, self.at(path), **sent)
        except PlatformError as error:
            raise meant(error) from None
        self.changed = self.changed or not reads
        return replace(answer, fail=lambda message: meant(answer.failed(message)))
