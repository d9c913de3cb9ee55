"""Prepare what a sign-in or an API call needs: the flow, the client app, the HTTP client.

A platform describes one or more authentication methods (`Platform.auth`, the best first).
Throughout this package, `auth_index` is the position of one of them in that tuple.
"""

import secrets
from collections.abc import Mapping
from dataclasses import asdict, replace
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.db.models import QuerySet

from integrations.auth import client_metadata, dynamic_registration
from integrations.auth.factory import make_flow
from integrations.auth.flow import ClientApp, SignInFlow, Tokens
from integrations.errors import PlatformError, Rejected, Unauthorized
from integrations.models import Registration
from integrations.outbound.client import OutboundClient
from integrations.outbound.hosts import parse_base_url
from integrations.outbound.typed_addresses import clean_typed_text, parse_typed_address
from integrations.platforms import registry
from integrations.platforms.base import (
    ApiToken,
    AppPassword,
    AtprotoOAuth,
    AuthMethod,
    DevicePoll,
    OAuth2,
    Platform,
    PlatformAdapter,
    PlatformClient,
    UserNamedServer,
)
from integrations.platforms.nodeinfo import find_named_server
from integrations.vault import SigningKey

MAX_SCOPES_LENGTH = 500  # characters, as in the model
CALLBACK_PATH = "/connect/{slug}/callback/"
CLIENT_METADATA_PATH = "/connect/client-metadata.json"


def operator_credentials(platform: Platform) -> tuple[str, ...]:
    """Return the operator's credentials for a platform, or () if any of them is not set."""
    values = tuple(settings.PLATFORM_KEYS.get(name, "") for name in platform.needs)
    return values if all(values) else ()


def available_auth_indexes(platform: Platform) -> list[int]:
    """Return the indexes of the authentication methods that work here, the best first."""
    return [index for index, auth in enumerate(platform.auth) if _is_available(platform, auth)]


def _is_available(platform: Platform, auth: AuthMethod) -> bool:
    needs_no_registration = isinstance(auth, (ApiToken, DevicePoll, AtprotoOAuth)) or (
        isinstance(auth, OAuth2) and bool(auth.register or auth.metadata)
    )
    return needs_no_registration or bool(operator_credentials(platform))


def is_known_at(platform: Platform, auth_index: int, server: str) -> bool:
    """Return whether the client app of an authentication method is known at a server.

    The operator registers an app at the platform's default server only. Other servers of a
    federated platform know Facet only if the method registers a client by itself.
    """
    auth = platform.auth[auth_index]
    if not isinstance(platform.server, UserNamedServer) or not isinstance(auth, OAuth2):
        return True
    return bool(auth.register or auth.metadata) or server == f"https://{platform.server.default}"


def build_redirect_uri(slug: str) -> str:
    """Return the OAuth redirect URI of a platform, which the operator registers there verbatim."""
    return settings.SITE_URL + CALLBACK_PATH.format(slug=slug)


def resolve_server(platform: Platform, address: str) -> str:
    """Return the base URL of the server that a person named, or the platform's only or default one.

    Raises Rejected without a server, and ForbiddenAddress for one that must not be contacted.
    """
    if not isinstance(platform.server, UserNamedServer):
        return platform.server
    server_address = clean_typed_text(address) or platform.server.default
    if not server_address:
        raise Rejected("Which server?", advice="Give its address, such as example.social.")
    server = parse_base_url(server_address, allow_loopback=settings.OPEN_LOOPBACK)
    folders = parse_typed_address(server_address).folders
    if not platform.server.probe or not folders:
        return server
    return _find_folder(platform, platform.server.probe, server, folders)


def _find_folder(platform: Platform, probe: str, server: str, folders: tuple[str, ...]) -> str:
    """Return the base URL of a server that may be installed in one of the typed folders.

    If it cannot be found out, all of them are taken: who types a folder means it.
    """
    paths = ["/".join(folders[:length]) for length in range(len(folders), -1, -1)]
    candidates = [f"{server}/{path}".rstrip("/") for path in paths]
    outbound = create_outbound_client(platform, server)
    return next((url for url in candidates if _answers_json(outbound, url + probe)), candidates[0])


def _answers_json(outbound: OutboundClient, url: str) -> bool:
    """Return whether an address is one of an API, also one that wants to know who calls."""
    try:
        outbound.send_request("GET", url).json()
    except Unauthorized:
        return True
    except PlatformError:
        return False
    return True


def create_outbound_client(
    platform: Platform, server: str, *, any_host: bool = False, **options: Any
) -> OutboundClient:
    """Create an HTTP client that may contact only the hosts of a platform.

    With `any_host`, every public host is allowed: some servers name further ones, as in the
    discovery of an identity provider. Further keyword arguments go to the client.
    """
    hosts = {*platform.hosts, urlsplit(server).netloc, *sign_in_hosts(platform)}
    return OutboundClient(
        None if any_host else hosts,
        platform=name_of_service(platform, server),
        allow_loopback=settings.OPEN_LOOPBACK,
        response_rules=platform.response_rules,
        **options,
    )


def name_of_service(platform: Platform, server: str) -> str:
    """Return how errors name what a person uses: their own server, or else the platform.

    Of an account of atproto the person knows only the handle, not the server.
    """
    is_atproto = isinstance(platform.auth[0], AtprotoOAuth)
    is_named = platform.has_user_named_server and not is_atproto
    return server.partition("://")[2] if is_named and server else platform.name


def sign_in_hosts(platform: Platform) -> set[str]:
    """Return the hosts of all URLs in the descriptions of the authentication methods."""
    urls = [
        value
        for auth in platform.auth
        for value in vars(auth).values()
        if isinstance(value, str) and value.startswith("https://")
    ]
    return {url.split("/")[2] for url in urls}


def prepare_flow(
    adapter: PlatformAdapter, auth_index: int, address: str
) -> tuple[SignInFlow[Any], Mapping[str, Any]]:
    """Prepare a flow to begin at the server that a person named.

    Returns the flow and what `restore_flow` needs to continue it later: how this server differs
    from the platform's description, and the client app if it was registered for this flow alone.
    """
    platform, auth = adapter.platform, adapter.platform.auth[auth_index]
    if isinstance(auth, (AtprotoOAuth, AppPassword)):
        server = resolve_server(platform, "")
        return _create_flow(platform, auth, obtain_app(platform, auth, server), server), {}
    server = resolve_server(platform, address)
    outbound = create_outbound_client(platform, server, any_host=platform.has_user_named_server)
    server, auth = _resolve_at_platform(adapter, outbound, server, auth)
    if isinstance(auth, OAuth2) and auth.metadata:
        auth, app = _register_client(platform, auth, outbound, server)
    else:
        app = obtain_app(platform, auth, server)
    remembered = _describe_differences(platform.auth[auth_index], auth, app)
    return _create_flow(platform, auth, app, server), remembered


def _resolve_at_platform(
    adapter: PlatformAdapter, outbound: OutboundClient, server: str, auth: AuthMethod
) -> tuple[str, AuthMethod]:
    """Resolve a server; one that is none may be the domain of accounts and name their server."""
    try:
        return adapter.resolve_server(outbound, server, auth)
    except Rejected as error:
        named_server = find_named_server(outbound, server) if error.status == 404 else server
        if named_server == server:
            raise
    return adapter.resolve_server(outbound, named_server, auth)


def _register_client(
    platform: Platform, auth: OAuth2, outbound: OutboundClient, server: str
) -> tuple[OAuth2, ClientApp]:
    """Register a client for one sign-in at a server; return it with the server's description."""
    return dynamic_registration.discover_and_register(
        auth,
        outbound=outbound,
        server=server,
        redirect_uri=build_redirect_uri(platform.slug),
        website=settings.SITE_URL,
        device=secrets.token_urlsafe(9),
    )


def restore_flow(
    platform: Platform, auth_index: int, server: str, remembered: Mapping[str, Any]
) -> SignInFlow[Any]:
    """Restore a flow from what `prepare_flow` returned."""
    changed_fields = dict(remembered.get("auth", {}))
    if "scopes" in changed_fields:
        changed_fields["scopes"] = tuple(changed_fields["scopes"])
    auth = replace(platform.auth[auth_index], **changed_fields)
    return _create_flow(platform, auth, _restore_app(platform, auth, server, remembered), server)


def _restore_app(
    platform: Platform, auth: AuthMethod, server: str, remembered: Mapping[str, Any]
) -> ClientApp:
    """Return the client app of a flow, even if another one was registered at the server since."""
    redirect_url = build_redirect_uri(platform.slug)
    if client_credentials := remembered.get("client"):
        return ClientApp(redirect_url, *client_credentials)
    if isinstance(auth, OAuth2) and auth.register:  # a flow of a release that remembered no app
        registration = _registrations(platform, server, redirect_url).first()
        return _read_registration(registration) if registration else ClientApp(redirect_url)
    return obtain_app(platform, auth, server)


def create_platform_client(
    adapter: PlatformAdapter, auth_flow: SignInFlow[Any], server: str, tokens: Tokens, facts: Any
) -> PlatformClient:
    """Create the authorized client of an account.

    The tokens are given to the HTTP client as secrets, so that they are masked in errors and logs.
    """
    account_server = tokens.more.get("server") or server
    outbound = create_outbound_client(
        adapter.platform, account_server, secrets=tokens.secret_values
    )
    token_facts = {name: tokens.more[name] for name in ("did",) if name in tokens.more}
    return PlatformClient(
        outbound, account_server, sign=auth_flow.make_signer(tokens), facts={**token_facts, **facts}
    )


def obtain_app(platform: Platform, auth: AuthMethod, server: str) -> ClientApp:
    """Return the client app for an authentication method at a server.

    It is the app that the operator registered, one that registers itself here, or the client that
    is described by our own client metadata document (atproto).
    """
    redirect_url = build_redirect_uri(platform.slug)
    if isinstance(auth, (AtprotoOAuth, AppPassword)):
        return build_atproto_app(platform)
    if isinstance(auth, OAuth2) and auth.register:
        return _find_or_register_app(platform, auth, server, redirect_url)
    has_no_app = isinstance(auth, (ApiToken, DevicePoll))  # these methods involve no client app
    return (
        ClientApp(redirect_url)
        if has_no_app
        else ClientApp(redirect_url, *operator_credentials(platform))
    )


def build_atproto_app(platform: Platform) -> ClientApp:
    """Return our client of atproto: by public metadata document, or else the loopback client."""
    is_reachable = client_metadata.is_public_site(settings.SITE_URL)
    return client_metadata.make_client_app(
        settings.SITE_URL,
        document_path=CLIENT_METADATA_PATH,
        callback_path=CALLBACK_PATH.format(slug=platform.slug),
        scopes=platform.scopes,
        signing_key=_get_signing_key(platform.slug) if is_reachable else "",
        plc_directory=settings.PLC_URL,
    )


def client_metadata_document() -> dict[str, Any] | None:
    """Return the client metadata document of atproto, or None if this server is not public."""
    if not client_metadata.is_public_site(settings.SITE_URL):
        return None
    platform = next(
        candidate
        for candidate in registry.all_platforms()
        if isinstance(candidate.auth[0], AtprotoOAuth)
    )
    app = build_atproto_app(platform)
    return client_metadata.build_client_metadata(
        app, site=settings.SITE_URL, scopes=platform.scopes
    )


def _create_flow(
    platform: Platform, auth: AuthMethod, app: ClientApp, server: str
) -> SignInFlow[Any]:
    outbound = create_outbound_client(platform, server, any_host=platform.has_user_named_server)
    return make_flow(auth, outbound=outbound, app=app, server=server)


def _describe_differences(
    declared: AuthMethod, actual: AuthMethod, app: ClientApp
) -> dict[str, Any]:
    """Return the fields in which the method differs, and the client if it registered itself."""
    declared_fields, actual_fields = asdict(declared), asdict(actual)
    changed_fields = {
        name: value for name, value in actual_fields.items() if declared_fields[name] != value
    }
    is_own_client = isinstance(declared, OAuth2) and (declared.metadata or declared.register)
    client_fields = {"client": [app.client_id, app.client_secret]} if is_own_client else {}
    return {"auth": changed_fields, **client_fields}


def _find_or_register_app(
    platform: Platform, auth: OAuth2, server: str, redirect_url: str
) -> ClientApp:
    """Return the app with these scopes at a server; a server that has forgotten it gets it anew."""
    scopes, outbound = " ".join(auth.scopes), create_outbound_client(platform, server)
    registration = _registrations(platform, server, redirect_url).filter(scopes=scopes).first()
    if registration:
        app = _read_registration(registration)
        if dynamic_registration.is_app_known(auth, outbound=outbound, server=server, app=app):
            return app
        forget_app(platform, server, app)
    app = dynamic_registration.register_app(
        auth,
        outbound=outbound,
        server=server,
        redirect_uri=redirect_url,
        website=settings.SITE_URL,
    )
    return _save_registration(platform.slug, server, app, scopes)


def forget_app(platform: Platform, server: str, app: ClientApp) -> bool:
    """Forget an app that its server does not know; return False if it was none of ours."""
    registrations = _registrations(platform, server, app.redirect_uri)
    return bool(registrations.filter(client_id=app.client_id).delete()[0])


def _registrations(platform: Platform, server: str, redirect_url: str) -> QuerySet[Registration]:
    return Registration.objects.filter(
        platform=platform.slug, server=server, redirect_uri=redirect_url
    ).order_by("made_at", "pk")


def _read_registration(registration: Registration) -> ClientApp:
    secret = registration.unseal()["secret"]
    return ClientApp(registration.redirect_uri, registration.client_id, secret)


def _save_registration(slug: str, server: str, app: ClientApp, scopes: str = "") -> ClientApp:
    """Save an app; if another process has saved one at the same time, return the older of them."""
    registration = Registration(
        platform=slug,
        server=server,
        redirect_uri=app.redirect_uri,
        scopes=scopes[:MAX_SCOPES_LENGTH],
        client_id=app.client_id,
    )
    registration.seal({"secret": app.client_secret})
    registration.save()
    same_key = Registration.objects.filter(
        platform=slug, server=server, redirect_uri=app.redirect_uri, scopes=registration.scopes
    )
    return _read_registration(same_key.earliest("made_at", "pk"))


def _get_signing_key(slug: str) -> str:
    """Return the key that signs our client assertions; it is created on first use."""
    signing_keys = Registration.objects.filter(platform=slug, server="", redirect_uri="")
    registration = signing_keys.order_by("made_at", "pk").first()
    if registration:
        return registration.unseal()["secret"]
    signing_key = SigningKey.generate()
    return _save_registration(
        slug, "", ClientApp("", signing_key.thumbprint, signing_key.private_number)
    ).client_secret


def get_adapter(slug: str) -> PlatformAdapter:
    """Return the adapter of a platform; UnknownPlace if there is none."""
    return registry.get_adapter(slug)
