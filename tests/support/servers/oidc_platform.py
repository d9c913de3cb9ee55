"""An adapter for strict third-party identity providers; it supports sign-in, but no picture."""

from datetime import date

from integrations.errors import Rejected
from integrations.platforms import registry
from integrations.platforms.base import Adapter, Identity, OAuth2, Platform, Readback, Slot

SLUG = "strict"
CALLBACK = "http://localhost:8000/connect/strict/callback/"
CLIENT = "facet"
SECRET = "a secret / with + signs: %"
KEYS = {"STRICT_CLIENT_ID": CLIENT, "STRICT_CLIENT_SECRET": SECRET}


class Strict(Adapter):
    """Declared as any platform is; `paths` are those of authorize, token and revocation."""

    def __init__(self, server: str, *paths: str, **told) -> None:
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
            slots=(Slot(),),
            auth=(OAuth2(authorize=authorize, token=token, revoke=revoke, **told),),
            readback=Readback.PIXELS,
            asks="To know who you are.",
        )

    def identify(self, client):
        who = client.get("/me")["sub"]
        return Identity(who, who)

    def current(self, client, slot):
        return None

    def publish(self, client, slot, rendition):
        raise Rejected("The provider it stands for keeps no picture.")

    withdraw = publish


def oidc_provider(server: str, **told) -> Strict:
    """https://github.com/panva/node-oidc-provider as tests/servers/node sets it up."""
    return Strict(
        server,
        "/auth",
        "/token",
        "/token/revocation",
        basic=True,
        scopes=("openid", "offline_access", "avatar:write"),
        extra={"prompt": "consent"},
        **told,
    )


def toolkit(server: str) -> Strict:
    """django-oauth-toolkit, as tests/support/servers/toolkit.py configures it."""
    paths = ("/o/authorize/", "/o/token/", "/o/revoke_token/")
    return Strict(server, *paths, scopes=("avatar",))


def register(adapter: Strict) -> None:
    """Make it known to this process as if it stood in the registry."""
    registry._BY_SLUG[SLUG] = adapter
