"""A zip file that is sent while it is written, so that it is never in memory as a whole."""

import io
import zipfile
from collections.abc import AsyncIterator, Iterable, Iterator
from typing import Any

from asgiref.sync import sync_to_async


class _Buffer(io.RawIOBase):
    """Collects what zipfile writes until it is sent; never larger than one file."""

    def __init__(self) -> None:
        self.parts: list[bytes] = []

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        self.parts.append(bytes(data))
        return len(data)

    def take(self) -> bytes:
        """Return what was written since the last call."""
        content, self.parts = b"".join(self.parts), []
        return content


def stream_zip(files: Iterable[tuple[str, Iterable[bytes]]]) -> Iterator[bytes]:
    """Yield a zip file of files with their names, part by part.

    Text is compressed, pictures are not. Each file is read when the one before it was sent.
    """
    buffer = _Buffer()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, parts in files:
            member = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
            member.external_attr = 0o600 << 16
            if name.endswith(".json"):
                member.compress_type = zipfile.ZIP_DEFLATED
            with archive.open(member, "w", force_zip64=True) as target:
                for part in parts:
                    target.write(part)
                    yield buffer.take()
            yield buffer.take()
    yield buffer.take()


async def iterate_in_thread(parts: Iterator[bytes]) -> AsyncIterator[bytes]:
    """Yield what an iterator yields; its database queries and encoding run in a thread."""
    while (part := await sync_to_async(_next_part)(parts)) is not None:
        if part:
            yield part


def _next_part(parts: Iterator[bytes]) -> bytes | None:
    return next(parts, None)
