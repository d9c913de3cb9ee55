"""How an app makes itself known to a server that nobody arranged anything with."""

from dataclasses import replace

from integrations.auth.flow import App
from integrations.errors import Rejected
from integrations.outbound.client import Door
from integrations.outbound.responses import understood
from integrations.platforms.base import OAuth2

NAME = "Facet"


def register(auth: OAuth2, *, door: Door, server: str, redirect_uri: str, website: str) -> App:
    """Mastodon's own way; https://docs.joinmastodon.org/methods/apps/#create."""
    sent = {
        "client_name": NAME,
        "redirect_uris": redirect_uri,
        "scopes": " ".join(auth.scopes),
        "website": website,
    }
    got = door.call("POST", auth.register.replace("{server}", server), data=sent).json()
    if not isinstance(got, dict) or not got.get("client_id"):
        raise Rejected(f"{server} takes no new apps.")
    return App(redirect_uri, got["client_id"], got.get("client_secret") or "")


def discover(
    auth: OAuth2, *, door: Door, server: str, redirect_uri: str, website: str, device: str
) -> tuple[OAuth2, App]:
    """Endpoints by RFC 8414, then a public client by RFC 7591, as Matrix asks of every flow.

    https://spec.matrix.org/v1.15/client-server-api/#oauth-20-api
    """
    answer = door.call("GET", auth.metadata.replace("{server}", server), absent=404)
    if answer.status == 404:  # as the specification has it: this server signs nobody in this way
        raise Rejected(
            f"{server.partition('://')[2]} lets no app in this way.",
            advice="Connect with a token instead.",
        )
    told = answer.json()
    with understood(door.misread):
        got = door.call("POST", told["registration_endpoint"], json=_client(redirect_uri, website))
        made = got.json()
        found = replace(
            auth,
            authorize=told["authorization_endpoint"],
            token=told["token_endpoint"],
            issuer=told["issuer"],
            revoke=told.get("revocation_endpoint", ""),
            scopes=tuple(scope.replace("{device}", device) for scope in auth.scopes),
        )
        return found, App(redirect_uri, made["client_id"], made.get("client_secret") or "")


def _client(redirect_uri: str, website: str) -> dict[str, object]:
    """A public client (RFC 7591)."""
    return {
        "client_name": NAME,
        "client_uri": website,
        "redirect_uris": [redirect_uri],
        "token_endpoint_auth_method": "none",
        "grant_types": ["authorization_code", "refresh_token"],
        "response_types": ["code"],
        "application_type": "web",
    }
