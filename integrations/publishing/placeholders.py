"""Recognise the picture that a server shows for an account without one.

Adapters know the placeholders of their platform. Servers that nobody has seen yet are asked: what
they show for an account that does not exist is no picture of anybody.
"""

import re
import secrets
from typing import Final
from urllib.parse import SplitResult, parse_qsl, urlencode, urlsplit

from integrations.errors import PlatformError
from integrations.models import Connection
from integrations.outbound.client import OutboundClient
from integrations.publishing.fingerprints import compute_fingerprint, is_same_picture

# https://wiki.libravatar.org/api/: with d=404, there is no picture where none was uploaded.
AVATAR_SERVICE_PATH: Final = re.compile(r"/avatar/(?:[0-9a-f]{32}|[0-9a-f]{64})(?:\.\w+)?", re.I)
_HASH: Final = re.compile(r"[0-9a-f]{16,}", re.I)
_UUID: Final = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.I)
UNKNOWN_NUMBER_DIGITS: Final = 12  # of the id of an account that no server has


def is_placeholder(connection: Connection, outbound: OutboundClient, url: str, data: bytes) -> bool:
    """Return whether the picture at a URL is what the server shows for any unknown account."""
    parts = urlsplit(url)
    if AVATAR_SERVICE_PATH.fullmatch(parts.path):
        query = {**dict(parse_qsl(parts.query)), "d": "404", "default": "404"}
        return _download(outbound, parts._replace(query=urlencode(query))) is None
    unknown_path = _path_of_unknown_account(connection, parts.path)
    if unknown_path == parts.path:
        return False
    unknown = _download(outbound, parts._replace(path=unknown_path))
    if not unknown:
        return False
    return unknown == data or is_same_picture(
        compute_fingerprint(unknown), compute_fingerprint(data)
    )


def _download(outbound: OutboundClient, parts: SplitResult) -> bytes | None:
    """Return the picture at a URL; None if the server has none, b"" if it does not say."""
    try:
        return outbound.download_picture(parts.geturl()).data
    except PlatformError as error:
        return None if error.status in (404, 410) else b""


def _path_of_unknown_account(connection: Connection, path: str) -> str:
    """Return a path with an account that does not exist in place of this one, if it names any."""
    user = connection.account_name.removeprefix("@").partition("@")[0].lower()
    names = {connection.account_id.lower(), user} - {""}
    return "/".join(_unknown_segment(segment, names) for segment in path.split("/"))


def _unknown_segment(segment: str, names: set[str]) -> str:
    name, dot, suffix = segment.partition(".")
    if _UUID.fullmatch(name):
        return f"{name[:-12]}{secrets.token_hex(6)}{dot}{suffix}"
    if name.isdigit() and name in names:
        digits = "".join(secrets.choice("123456789") for _ in range(UNKNOWN_NUMBER_DIGITS))
        return f"{digits}{dot}{suffix}"
    if _HASH.fullmatch(name) or name.lower() in names:
        length = max(len(name), 16)
        return f"{secrets.token_hex(length)[:length]}{dot}{suffix}"
    return segment
