"""The registry of platforms; to add one, add its file and its line here."""

from typing import Final

from integrations.errors import UnknownPlace
from integrations.platforms.base import Platform, PlatformAdapter
from integrations.platforms.bluesky import Bluesky
from integrations.platforms.discourse import Discourse
from integrations.platforms.dropbox import Dropbox
from integrations.platforms.facebook_page import FacebookPage
from integrations.platforms.gitea import Gitea
from integrations.platforms.gitlab import GitLab
from integrations.platforms.google_workspace import GoogleWorkspace
from integrations.platforms.gravatar import Gravatar
from integrations.platforms.mastodon import Mastodon
from integrations.platforms.matrix import Matrix
from integrations.platforms.mattermost import Mattermost
from integrations.platforms.microsoft365 import Microsoft365
from integrations.platforms.nextcloud import Nextcloud
from integrations.platforms.rocketchat import RocketChat
from integrations.platforms.slack import Slack
from integrations.platforms.vimeo import Vimeo
from integrations.platforms.x import X
from integrations.platforms.zoom import Zoom
from integrations.platforms.zulip import Zulip

ADAPTERS: Final[tuple[PlatformAdapter, ...]] = (
    Mastodon(),
    Bluesky(),
    Gravatar(),
    Slack(),
    Microsoft365(),
    GitLab(),
    Gitea(),
    Matrix(),
    Mattermost(),
    Zulip(),
    RocketChat(),
    Nextcloud(),
    Discourse(),
    Dropbox(),
    Zoom(),
    Vimeo(),
    X(),
    GoogleWorkspace(),
    FacebookPage(),
)
_ADAPTERS_BY_SLUG: Final = {adapter.platform.slug: adapter for adapter in ADAPTERS}


def get_adapter(slug: str) -> PlatformAdapter:
    """Return the adapter of a platform; UnknownPlace if there is none."""
    if slug not in _ADAPTERS_BY_SLUG:
        raise UnknownPlace(f"There is no platform '{slug}'.")
    return _ADAPTERS_BY_SLUG[slug]


def all_platforms() -> list[Platform]:
    """Return every platform's description, in the order of `ADAPTERS`."""
    return [adapter.platform for adapter in ADAPTERS]
