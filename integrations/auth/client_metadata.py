"""Who Facet is to an atproto server: a document it serves, or none at all on this machine.

https://atproto.com/specs/oauth#clients: a public address makes a confidential client, whose
sessions last; without one, the loopback client lets a person connect from their own machine.
"""

from collections.abc import Sequence
from typing import Any
from urllib.parse import urlencode, urlsplit

from integrations.auth.flow import App
from integrations.errors import ForbiddenAddress
from integrations.outbound.hosts import check_url
from integrations.vault import SigningKey


def is_public(site: str) -> bool:
    """Whether other servers can read our document: https, a public name, no port."""
    try:
        check_url(site)
    except ForbiddenAddress:
        return False
    return urlsplit(site).port is None


def client(
    site: str, *, document: str, callback: str, scopes: Sequence[str], signing: str, directory: str
) -> App:
    """What we are to them; paths are those of our own site."""
    if is_public(site):
        return App(site + callback, site + document, signing=signing, directory=directory)
    port = urlsplit(site).port or 80
    redirect = f"http://127.0.0.1:{port}{callback}"  # "localhost" is not allowed there
    told = urlencode({"redirect_uri": redirect, "scope": " ".join(scopes)})
    return App(redirect, f"http://localhost?{told}", directory=directory)


def document(app: App, *, site: str, scopes: Sequence[str]) -> dict[str, Any]:
    """The client metadata document of a confidential client."""
    key = SigningKey(app.signing)
    return {
        "client_id": app.client_id,
        "client_name": "Facet",
        "client_uri": site,
        "application_type": "web",
        "redirect_uris": [app.redirect_uri],
        "grant_types": ["authorization_code", "refresh_token"],
        "response_types": ["code"],
        "scope": " ".join(scopes),
        "token_endpoint_auth_method": "private_key_jwt",
        "token_endpoint_auth_signing_alg": "ES256",
        "dpop_bound_access_tokens": True,
        "jwks": {"keys": [{**key.public, "kid": key.id, "alg": "ES256", "use": "sig"}]},
    }
