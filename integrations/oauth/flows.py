"""Which flow follows a description of sign-in."""

from typing import Any, Final

from integrations.contract import AppPassword, Atproto, Auth, OAuth1, OAuth2, Pasted, Polled
from integrations.http import Door
from integrations.oauth.app_password import AppPasswordFlow
from integrations.oauth.atproto import AtprotoFlow
from integrations.oauth.flow import App, Flow
from integrations.oauth.oauth1 import OAuth1Flow
from integrations.oauth.oauth2 import OAuth2Flow
from integrations.oauth.pasted import PastedFlow
from integrations.oauth.polled import PolledFlow

FLOWS: Final[dict[type, type[Flow[Any]]]] = {
    OAuth2: OAuth2Flow,
    OAuth1: OAuth1Flow,
    Atproto: AtprotoFlow,
    Pasted: PastedFlow,
    AppPassword: AppPasswordFlow,
    Polled: PolledFlow,
}


def flow(auth: Auth, *, door: Door, app: App, server: str = "") -> Flow[Any]:
    """The way in that a platform declares."""
    return FLOWS[type(auth)](auth, door=door, app=app, server=server)
