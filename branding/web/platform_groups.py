"""Which places are suggested first, and the groups in which the others are found."""

from collections.abc import Iterable
from typing import Any, Final

from django.utils.translation import gettext_lazy as _

from integrations.selectors import Profile

SUGGESTED: Final = (
    "linkedin",
    "google",
    "github",
    "slack",
    "microsoft365",
    "instagram",
    "x",
    "whatsapp",
    "gravatar",
    "mastodon",
    "bluesky",
    "website",
)
WORK: Final = (
    *("linkedin", "slack", "microsoft365", "google", "google_workspace", "zoom"),
    *("notion", "asana", "atlassian", "dropbox", "nextcloud"),
)
SOCIAL: Final = (
    *("instagram", "facebook", "facebook_page", "x", "mastodon", "bluesky", "reddit"),
    *("tumblr", "pinterest", "youtube", "twitch", "vimeo", "strava"),
)
MESSAGES: Final = (
    "whatsapp",
    "telegram",
    "discord",
    "matrix",
    "mattermost",
    "zulip",
    "rocketchat",
)
GROUPS: Final = (
    (_("Work"), WORK),
    (_("Social"), SOCIAL),
    (_("Messages"), MESSAGES),
    (_("Development"), ("github", "gitlab", "gitea", "discourse")),
    (_("Everywhere else"), ("gravatar", "website", "avatar")),
)


def suggest_profiles(profiles: Iterable[Profile]) -> list[Profile]:
    """Return the profiles at suggested places, in the order of SUGGESTED."""
    suggested = [profile for profile in profiles if profile.place.slug in SUGGESTED]
    return sorted(suggested, key=lambda profile: SUGGESTED.index(profile.place.slug))


def group_by_topic(rows: Iterable[Any], slug_of: Any) -> list[dict[str, Any]]:
    """Return rows in the groups of their places; those without a group come with the last one."""
    topics = {slug: index for index, (_label, slugs) in enumerate(GROUPS) for slug in slugs}
    order = list(topics)
    rows = sorted(rows, key=lambda row: _position(slug_of(row), order))
    grouped: list[dict[str, Any]] = [{"label": label, "rows": []} for label, _slugs in GROUPS]
    for row in rows:
        grouped[topics.get(slug_of(row), len(GROUPS) - 1)]["rows"].append(row)
    return [group for group in grouped if group["rows"]]


def _position(slug: str, order: list[str]) -> int:
    return order.index(slug) if slug in order else len(order)
