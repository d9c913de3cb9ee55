"""Registers this installation as an app at a server, without an operator's help."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from integrations.auth.flow import ClientApp
from integrations.errors import PlatformError, Rejected
from integrations.outbound.client import OutboundClient
from integrations.outbound.responses import expect_documented_shape
from integrations.platforms.base import OAuth2

CLIENT_NAME = "Facet"
# How servers say that they do not know a client: RFC 6749 (5.2), Doorkeeper (Mastodon, GitLab),
# Takahe, Hollo; in lower case, with spaces for underscores.
UNKNOWN_CLIENT_WORDS = (
    "invalid client",
    "unknown client",
    "client not found",
    "client authentication failed",
    "unknown application",
    "application not found",
    "invalid application",
)


def register_app(
    auth: OAuth2, *, outbound: OutboundClient, server: str, redirect_uri: str, website: str
) -> ClientApp:
    """Register an app by Mastodon's API: https://docs.joinmastodon.org/methods/apps/#create

    `server` is the base URL; Rejected if the server registers no apps.
    """
    form = {
        "client_name": CLIENT_NAME,
        "redirect_uris": redirect_uri,
        "scopes": " ".join(auth.scopes),
        "website": website,
    }
    url = auth.register.replace("{server}", server)
    client = outbound.send_request("POST", url, data=form).json()
    if not isinstance(client, dict) or not client.get("client_id"):
        raise Rejected(f"{server.partition('://')[2]} takes no new apps.")
    return _parse_client(client, redirect_uri)


def is_app_known(auth: OAuth2, *, outbound: OutboundClient, server: str, app: ClientApp) -> bool:
    """Return whether a server still knows an app: Mastodon deletes apps that nobody used.

    The app is tried out with a code that is none, which a server refuses only after it has
    authenticated the client (RFC 6749, 5.2). Every unclear answer counts as yes.
    """
    form = {
        "grant_type": "authorization_code",
        "code": "facet-asks-whether-it-is-known",
        "redirect_uri": app.redirect_uri,
        "client_id": app.client_id,
        "client_secret": app.client_secret,
    }
    try:
        outbound.send_request("POST", auth.token.replace("{server}", server), data=form)
    except PlatformError as error:
        return not is_unknown_client(error)
    return True


def is_unknown_client(error: PlatformError) -> bool:
    """Return whether an error says that the server does not know the client app."""
    text = f"{error.message} {error.answer}".lower().replace("_", " ")
    return any(words in text for words in UNKNOWN_CLIENT_WORDS)


def discover_and_register(
    auth: OAuth2,
    *,
    outbound: OutboundClient,
    server: str,
    redirect_uri: str,
    website: str,
    device: str,
) -> tuple[OAuth2, ClientApp]:
    """Read the server metadata (RFC 8414) and register a public client (RFC 7591).

    Matrix requires this for every sign-in: https://spec.matrix.org/v1.15/client-server-api/#oauth-20-api
    Returns the description with the server's endpoints and `device` in its scopes, and the client.
    """
    metadata = _fetch_metadata(outbound, auth.metadata.replace("{server}", server), server)
    with expect_documented_shape(outbound.unexpected_response_error):
        request = _client_metadata(redirect_uri, website)
        client = outbound.send_request(
            "POST", metadata["registration_endpoint"], json=request
        ).json()
        discovered = replace(
            auth,
            authorize=metadata["authorization_endpoint"],
            token=metadata["token_endpoint"],
            issuer=metadata["issuer"],
            revoke=metadata.get("revocation_endpoint", ""),
            scopes=tuple(scope.replace("{device}", device) for scope in auth.scopes),
        )
        return discovered, _parse_client(client, redirect_uri)


def _parse_client(client: Mapping[str, Any], redirect_uri: str) -> ClientApp:
    return ClientApp(redirect_uri, str(client["client_id"]), str(client.get("client_secret") or ""))


def _fetch_metadata(outbound: OutboundClient, url: str, server: str) -> Any:
    """Fetch the server metadata; raises Rejected if the server does not support OAuth."""
    response = outbound.send_request("GET", url, absent_status=404)
    if response.status == 404:  # by the specification
        raise Rejected(
            f"{server.partition('://')[2]} lets no app in this way.",
            advice="Connect with a token instead.",
        )
    return response.json()


def _client_metadata(redirect_uri: str, website: str) -> dict[str, object]:
    """Return the metadata of a public client (RFC 7591, section 2)."""
    return {
        "client_name": CLIENT_NAME,
        "client_uri": website,
        "redirect_uris": [redirect_uri],
        "token_endpoint_auth_method": "none",
        "grant_types": ["authorization_code", "refresh_token"],
        "response_types": ["code"],
        "application_type": "web",
    }
