"""How servers with the API of Mastodon differ: scopes, methods, placeholders.

See Pixelfed's ApiV1Controller and GoToSocial's docs/api. NodeInfo names the software of a server.
"""

from dataclasses import dataclass
from typing import Final

DEFAULT_SCOPES: Final = ("read:accounts", "write:accounts")
BROAD_SCOPES: Final = ("read", "write")
# In the URLs of the pictures that these servers show for an account without one: Mastodon,
# Pixelfed (twice), Pleroma and Akkoma, GoToSocial, Takahe, Friendica, Misskey and its forks.
PLACEHOLDER_PATHS: Final = [
    "/missing.png",
    "/default.jpg",
    "/default.png",
    "/avi.png",
    "/default_avatars/",
    "/img/unknown-icon-",
    "/images/person-",
    "/static-assets/avatar.png",
]


@dataclass(frozen=True)
class Dialect:
    """How one server software differs from the others that share the API."""

    scopes: tuple[str, ...] = DEFAULT_SCOPES
    method: str = "PATCH"  # PHP does not parse forms sent with it
    is_queued: bool = False  # the picture is processed later and errors are not reported
    can_remove: bool = False  # supports DELETE /api/v1/profile/avatar
    takes_alt_text: bool = False  # reads the form field avatar_description


DIALECTS: Final = {
    "mastodon": Dialect(can_remove=True),
    "gotosocial": Dialect(can_remove=True, takes_alt_text=True),
    "pixelfed": Dialect(scopes=BROAD_SCOPES, method="POST", is_queued=True),
    "takahe": Dialect(scopes=BROAD_SCOPES),
    "friendica": Dialect(scopes=BROAD_SCOPES),
}


def dialect_of(software_name: str) -> Dialect:
    """Return how a server software, as NodeInfo names it, differs."""
    return DIALECTS.get(software_name, Dialect())
