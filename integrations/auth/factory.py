"""Which sign-in flow follows which description."""

from typing import Any, Final

from integrations.auth.api_token import PastedFlow
from integrations.auth.app_password import AppPasswordFlow
from integrations.auth.atproto import AtprotoFlow
from integrations.auth.device_poll import PolledFlow
from integrations.auth.flow import App, Flow
from integrations.auth.oauth1 import OAuth1Flow
from integrations.auth.oauth2 import OAuth2Flow
from integrations.outbound.client import Door
from integrations.platforms.base import AppPassword, Atproto, Auth, OAuth1, OAuth2, Pasted, Polled

FLOWS: Final[dict[type, type[Flow[Any]]]] = {
    OAuth2: OAuth2Flow,
    OAuth1: OAuth1Flow,
    Atproto: AtprotoFlow,
    Pasted: PastedFlow,
    AppPassword: AppPasswordFlow,
    Polled: PolledFlow,
}


def flow(auth: Auth, *, door: Door, app: App, server: str = "") -> Flow[Any]:
    """Return the flow for a way to connect; `server` is the base URL of the server."""
    return FLOWS[type(auth)](auth, door=door, app=app, server=server)
