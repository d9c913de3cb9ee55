"""The OAuth client that this installation is to atproto servers.

https://atproto.com/specs/oauth#clients: with a public address it is a confidential client, which
serves a client metadata document and gets long sessions. Without one it is a loopback client, by
which a person can connect from their own machine.
"""

from collections.abc import Sequence
from typing import Any
from urllib.parse import urlencode, urlsplit

from integrations.auth.flow import ClientApp
from integrations.errors import ForbiddenAddress
from integrations.outbound.hosts import check_url
from integrations.vault import SigningKey


def is_public_site(site: str) -> bool:
    """Return whether other servers can read the metadata document: https, public, no port."""
    try:
        check_url(site)
    except ForbiddenAddress:
        return False
    return urlsplit(site).port is None


def make_client_app(
    site: str,
    *,
    document_path: str,
    callback_path: str,
    scopes: Sequence[str],
    signing_key: str,
    plc_directory: str,
) -> ClientApp:
    """Return the client for atproto servers.

    `site` is the public base URL of this installation; `document_path` and `callback_path` are
    paths on it. `signing_key` is the private key, `plc_directory` the base URL of that directory.
    """
    if is_public_site(site):
        return ClientApp(
            site + callback_path,
            site + document_path,
            signing_key=signing_key,
            plc_directory=plc_directory,
        )
    port = urlsplit(site).port or 80
    # The specification does not allow "localhost" as the host of this URL.
    redirect = f"http://127.0.0.1:{port}{callback_path}"
    query = urlencode({"redirect_uri": redirect, "scope": " ".join(scopes)})
    return ClientApp(redirect, f"http://localhost?{query}", plc_directory=plc_directory)


def build_client_metadata(app: ClientApp, *, site: str, scopes: Sequence[str]) -> dict[str, Any]:
    """Return the client metadata document of a confidential client."""
    key = SigningKey(app.signing_key)
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
        "jwks": {"keys": [{**key.public_jwk, "kid": key.thumbprint, "alg": "ES256", "use": "sig"}]},
    }
