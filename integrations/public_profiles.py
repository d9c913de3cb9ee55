"""The picture that a place shows to everybody, read by a person's public name and nothing else.

No cookie, no token, no page that was made for people: only addresses that are documented for this,
as places.toml has them (https://docs.github.com/en/rest/users/users#get-a-user,
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
    """The name that a person means: `alice`, `@alice`, `https://github.com/alice`; or BadName."""
    name = told.strip().rstrip("/").rsplit("/", 1)[-1].removeprefix("@")
    if not NAME.fullmatch(name) or ".." in name:
        raise BadName("This is not a public name.")
    return name


def read(frame: Frame, name: str, *, loopback: bool = False) -> bytes:
    """The file that everybody sees; one of the five kinds if it cannot be read."""
    url = frame.public.replace("{name}", name_in(name))
    door = Door({urlsplit(url).netloc}, platform=frame.name, loopback=loopback)
    if frame.field:
        with understood(door.misread):
            url = str(door.call("GET", url).json()[frame.field])
    return door.fetch(url).data
