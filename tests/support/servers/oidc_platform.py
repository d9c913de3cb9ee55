"""An adapter for strict third-party identity providers; it supports sign-in, but no picture."""

from datetime import date

from integrations.errors import Rejected
from integrations.platforms import registry
from integrations.platforms.base import (
    AccountIdentity,
    OAuth2,
    PictureSlot,
    Platform,
    PlatformAdapter,
    Readback,
)

SLUG = "strict"
CALLBACK = "http://localhost:8000/connect/strict/callback/"
CLIENT = "facet"
SECRET = "a secret / with + signs: %"
KEYS = {"STRICT_CLIENT_ID": CLIENT, "STRICT_CLIENT_SECRET": SECRET}


class StrictPlatform(PlatformAdapter):
    """Declared as any platform is; `paths` are those of authorize, token and revocation."""

    def __init__(self, server: str, *paths: str, **options) -> None:
        authorize, token, revoke = (server + path for path in paths)
        self.platform = Platform(
            slug=SLUG,
            name="Strict",
            docs=server,
            read=date(2026, 11, 24),
            confidence="high",
            endpoint="none",
            server=server,
            needs=tuple(KEYS),
            slots=(PictureSlot(),),
            auth=(OAuth2(authorize=authorize, token=token, revoke=revoke, **options),),
            readback=Readback.PIXELS,
            asks="To know who you are.",
        )

    def identify_account(self, client):
        who = client.get_json("/me")["sub"]
        return AccountIdentity(who, who)

    def read_current_picture(self, client, slot):
        return None

    def upload_picture(self, client, slot, rendition):
        raise Rejected("The provider it stands for keeps no picture.")

    restore_previous_picture = upload_picture


def oidc_provider(server: str, **options) -> StrictPlatform:
    """https://github.com/panva/node-oidc-provider as tests/servers/node sets it up."""
    return StrictPlatform(
        server,
        "/auth",
        "/token",
        "/token/revocation",
        basic=True,
        scopes=("openid", "offline_access", "avatar:write"),
        extra={"prompt": "consent"},
        **options,
    )


def toolkit(server: str) -> StrictPlatform:
    """django-oauth-toolkit, as tests/support/servers/toolkit.py configures it."""
    paths = ("/o/authorize/", "/o/token/", "/o/revoke_token/")
    return StrictPlatform(server, *paths, scopes=("avatar",))


def add_to_registry(adapter: StrictPlatform) -> None:
    """Make it known to this process as if it stood in the registry."""
    registry._ADAPTERS_BY_SLUG[SLUG] = adapter
