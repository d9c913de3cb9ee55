"""Read the picture that a place shows to everybody, by a person's public name.

This takes neither cookies nor tokens nor HTML pages, only the documented addresses in places.toml
(https://docs.github.com/en/rest/users/users#get-a-user,
https://www.tumblr.com/docs/en/api/v2#avatar--retrieve-a-blog-avatar).
"""

import re
from typing import Final
from urllib.parse import urlsplit

from integrations.errors import BadName
from integrations.outbound.client import Door
from integrations.outbound.responses import understood
from integrations.places import Frame

NAME: Final = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,99}")


def name_in(told: str) -> str:
    """Return the name in `alice`, `@alice` or `https://github.com/alice`; or raise BadName."""
    name = told.strip().rstrip("/").rsplit("/", 1)[-1].removeprefix("@")
    if not NAME.fullmatch(name) or ".." in name:
        raise BadName("This is not a public name.")
    return name


def read(frame: Frame, name: str, *, loopback: bool = False) -> bytes:
    """Download the picture that a place shows under a public name.

    `loopback` allows addresses of this machine, for tests. Raises PlatformError or BadName.
    """
    url = frame.public.replace("{name}", name_in(name))
    door = Door({urlsplit(url).netloc}, platform=frame.name, loopback=loopback)
    if frame.field:
        with understood(door.misread):
            url = str(door.call("GET", url).json()[frame.field])
    return door.fetch(url).data
