"""Which sign-in flow follows which description."""

from typing import Any, Final

from integrations.auth.api_token import ApiTokenFlow
from integrations.auth.app_password import AppPasswordFlow
from integrations.auth.atproto import AtprotoFlow
from integrations.auth.device_poll import DevicePollFlow
from integrations.auth.flow import ClientApp, SignInFlow
from integrations.auth.oauth1 import OAuth1Flow
from integrations.auth.oauth2 import OAuth2Flow
from integrations.outbound.client import OutboundClient
from integrations.platforms.base import (
    ApiToken,
    AppPassword,
    AtprotoOAuth,
    AuthMethod,
    DevicePoll,
    OAuth1,
    OAuth2,
)

FLOW_CLASSES: Final[dict[type, type[SignInFlow[Any]]]] = {
    OAuth2: OAuth2Flow,
    OAuth1: OAuth1Flow,
    AtprotoOAuth: AtprotoFlow,
    ApiToken: ApiTokenFlow,
    AppPassword: AppPasswordFlow,
    DevicePoll: DevicePollFlow,
}


def make_flow(
    auth: AuthMethod, *, outbound: OutboundClient, app: ClientApp, server: str = ""
) -> SignInFlow[Any]:
    """Return the flow for a way to connect; `server` is the base URL of the server."""
    return FLOW_CLASSES[type(auth)](auth, outbound=outbound, app=app, server=server)
