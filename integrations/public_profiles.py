"""Read the picture that a place shows to everybody, by a person's public name.

This takes neither cookies nor tokens nor HTML pages, only the documented addresses in places.toml
(https://docs.github.com/en/rest/users/users#get-a-user,
https://www.tumblr.com/docs/en/api/v2#avatar--retrieve-a-blog-avatar).
"""

import re
from typing import Final
from urllib.parse import urlsplit

from integrations.errors import BadName
from integrations.outbound.client import OutboundClient
from integrations.outbound.responses import expect_documented_shape
from integrations.places import Place

PUBLIC_NAME_PATTERN: Final = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,99}")


def parse_public_name(text: str) -> str:
    """Return the name in `alice`, `@alice` or `https://github.com/alice`; or raise BadName."""
    name = text.strip().rstrip("/").rsplit("/", 1)[-1].removeprefix("@")
    if not PUBLIC_NAME_PATTERN.fullmatch(name) or ".." in name:
        raise BadName("This is not a public name.")
    return name


def fetch_public_picture(place: Place, name: str, *, loopback: bool = False) -> bytes:
    """Download the picture that a place shows under a public name.

    `loopback` allows addresses of this machine, for tests. Raises PlatformError or BadName.
    """
    url = place.public.replace("{name}", parse_public_name(name))
    outbound = OutboundClient({urlsplit(url).netloc}, platform=place.name, allow_loopback=loopback)
    if place.field:
        with expect_documented_shape(outbound.unexpected_response_error):
            url = str(outbound.send_request("GET", url).json()[place.field])
    return outbound.download_picture(url).data
