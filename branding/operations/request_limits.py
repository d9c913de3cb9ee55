"""The outermost ASGI application: bounds headers and bodies before Django sees a request.

Django's ASGI handler stores the whole body of a request before any middleware or view runs, and
its parsers take a request without Content-Length for one without a body. Here a body is counted
while it arrives, and one whose length was not announced is read first and gets a Content-Length.
"""

import asyncio
import json
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, MutableMapping
from contextlib import suppress
from typing import Any, BinaryIO, Final

from headshots.engine.io.decode import MAX_BYTES

BODY_LIMIT: Final = 2_000_000  # bytes
UPLOAD_LIMIT: Final = MAX_BYTES + BODY_LIMIT  # bytes: photos, and the form around them
UPLOAD_PATHS: Final = ("/photos/", "/try/", "/verify/", "/api/v1/photos")
MAX_HEADERS: Final = 100
MAX_HEADER_BYTES: Final = 32_000  # names and values together
MEMORY_LIMIT: Final = 1_000_000  # bytes of a body that are held in memory; the rest is on disk
CHUNK_BYTES: Final = 65_536
# A body may take this long, and longer by the time that its bytes take at the lowest rate.
GRACE_SECONDS: Final = 30.0
MIN_BYTES_PER_SECOND: Final = 10_000
# For how long what a refused client still sends is thrown away, so that it reads the response
# instead of finding the connection reset.
LINGER_SECONDS: Final = 3.0

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Application = Callable[[Any, Any, Any], Awaitable[None]]


class RequestRefused(Exception):
    """A request is beyond a limit; answered with this status, code, message and advice."""

    def __init__(self, status: int, code: str, message: str, advice: str) -> None:
        super().__init__(message)
        self.status, self.code, self.message, self.advice = status, code, message, advice


class ClientGone(Exception):
    """The client disconnected before its body was complete."""


class RequestLimits:
    """Wraps an ASGI application; other protocols than HTTP pass through."""

    def __init__(self, application: Application, *, grace_seconds: float = GRACE_SECONDS) -> None:
        self.application = application
        self.grace_seconds = grace_seconds

    async def __call__(self, scope: Any, receive: Receive, send: Send) -> None:
        """Handle one request."""
        if scope["type"] != "http":
            await self.application(scope, receive, send)
            return
        body = Body(receive, limit=_body_limit(scope), grace_seconds=self.grace_seconds)
        try:
            _check_headers(scope["headers"])
            await self._pass_on(scope, body, send)
        except RequestRefused as refusal:
            await _refuse(scope, body, send, refusal)
        except ClientGone:
            return

    async def _pass_on(self, scope: Any, body: "Body", send: Send) -> None:
        """Call the application with a body of a known length; raises RequestRefused."""
        if b"transfer-encoding" not in dict(scope["headers"]):
            body.check_announced(_announced_length(scope["headers"]))
            await self._call_counting(scope, body, send)
            return
        with tempfile.SpooledTemporaryFile(MEMORY_LIMIT) as file:
            length = await body.read_into(file)
            file.seek(0)
            headers = _with_length(scope["headers"], length)
            receive = _replay(file, length, body.receive)
            await self.application({**scope, "headers": headers}, receive, send)

    async def _call_counting(self, scope: Any, body: "Body", send: Send) -> None:
        """Call the application; raises RequestRefused if its body turns out to be too much.

        Django stops handling a request whose client is gone, so that is what it is told.
        """
        refusals: list[RequestRefused] = []

        async def receive_counted() -> Message:
            try:
                return await body.receive_part()
            except RequestRefused as refusal:
                refusals.append(refusal)
                return {"type": "http.disconnect"}

        await self.application(scope, receive_counted, send)
        if refusals:
            raise refusals[0]


class Body:
    """The body of one request, counted and timed while it arrives."""

    def __init__(self, receive: Receive, *, limit: int, grace_seconds: float) -> None:
        self.receive = receive
        self.limit = limit
        self.grace_seconds = grace_seconds
        self.started_at = time.monotonic()
        self.size = 0
        self.is_complete = False

    def check_announced(self, length: int) -> None:
        """Raise RequestRefused (413) if the announced length is above the limit."""
        if length > self.limit:
            raise RequestRefused(
                413,
                "too_large",
                f"At most {self.limit / 1e6:.0f} MB are taken in one request here.",
                "Send less at once; a photo of 4,000 pixels on the long side is plenty.",
            )

    async def receive_part(self) -> Message:
        """Return the next message; RequestRefused (413, 408) beyond a limit."""
        if self.is_complete:  # what comes now is that the client disconnects
            return await self.receive()
        allowed_seconds = self.grace_seconds + self.size / MIN_BYTES_PER_SECOND
        remaining_seconds = self.started_at + allowed_seconds - time.monotonic()
        try:
            message = await asyncio.wait_for(self.receive(), max(remaining_seconds, 0))
        except TimeoutError as error:
            raise RequestRefused(
                408, "too_slow", "The request arrived too slowly.", "Send it again."
            ) from error
        self.size += len(message.get("body", b""))
        self.is_complete = not message.get("more_body", False)
        self.check_announced(self.size)
        return message

    async def discard_rest(self) -> None:
        """Throw away what the client still sends."""
        while not self.is_complete:
            message = await self.receive()
            self.is_complete = not message.get("more_body", False)

    async def read_into(self, file: Any) -> int:
        """Write the whole body into a file and return its length; raises ClientGone, too."""
        while not self.is_complete:
            message = await self.receive_part()
            if message["type"] == "http.disconnect":
                raise ClientGone
            file.write(message.get("body", b""))
        return self.size


def _body_limit(scope: Any) -> int:
    is_upload = scope["method"] == "POST" and scope["path"] in UPLOAD_PATHS
    return UPLOAD_LIMIT if is_upload else BODY_LIMIT


def _check_headers(headers: Iterable[tuple[bytes, bytes]]) -> None:
    """Raise RequestRefused (431) for too many or too large headers."""
    sizes = [len(name) + len(value) for name, value in headers]
    if len(sizes) > MAX_HEADERS or sum(sizes) > MAX_HEADER_BYTES:
        raise RequestRefused(
            431,
            "headers_too_large",
            f"A request has at most {MAX_HEADERS} headers of {MAX_HEADER_BYTES // 1000} kB.",
            "Delete the cookies of this site, then try again.",
        )


def _announced_length(headers: Iterable[tuple[bytes, bytes]]) -> int:
    """Return the Content-Length, 0 without one; RequestRefused (400) if it is no number."""
    text = dict(headers).get(b"content-length", b"0")
    if not text.isdigit():
        raise RequestRefused(400, "bad_length", "The Content-Length is not a number.", "")
    return int(text)


def _with_length(headers: Iterable[tuple[bytes, bytes]], length: int) -> list[tuple[bytes, bytes]]:
    """Return the headers of the same request as if its length had been announced."""
    replaced = (b"transfer-encoding", b"content-length")
    kept = [(name, value) for name, value in headers if name not in replaced]
    return [*kept, (b"content-length", str(length).encode())]


def _replay(file: BinaryIO | Any, length: int, receive: Receive) -> Receive:
    """Return a function that receives the stored body, then what comes from the client."""

    async def parts() -> AsyncIterator[Message]:
        sent = 0
        while True:
            chunk = file.read(CHUNK_BYTES)
            sent += len(chunk)
            yield {"type": "http.request", "body": chunk, "more_body": sent < length}
            if sent >= length:
                break
        while True:
            yield await receive()

    return parts().__anext__


async def _refuse(scope: Any, body: Body, send: Send, refusal: RequestRefused) -> None:
    """Send the refusal as JSON to programs and as text to people, and close the connection."""
    content_type, content = _encode_refusal(scope, refusal)
    headers = [
        (b"content-type", content_type),
        (b"content-length", str(len(content)).encode()),
        (b"cache-control", b"no-store"),
        (b"connection", b"close"),
    ]
    await send({"type": "http.response.start", "status": refusal.status, "headers": headers})
    await send({"type": "http.response.body", "body": content, "more_body": True})
    with suppress(TimeoutError):
        await asyncio.wait_for(body.discard_rest(), LINGER_SECONDS)
    await send({"type": "http.response.body", "body": b""})


def _encode_refusal(scope: Any, refusal: RequestRefused) -> tuple[bytes, bytes]:
    if scope["path"].startswith("/api/"):
        fields = {"code": refusal.code, "message": refusal.message, "advice": refusal.advice}
        return b"application/json", json.dumps({**fields, "fields": {}}).encode()
    return b"text/plain; charset=utf-8", f"{refusal.message} {refusal.advice}\n".encode()
