"""Prepare what a sign-in or an API call needs: the flow, the client app, the HTTP client.

A platform describes one or more authentication methods (`Platform.auth`, the best first).
Throughout this package, `auth_index` is the position of one of them in that tuple.
"""

import secrets
from collections.abc import Mapping
from dataclasses import asdict, replace
from typing import Any

from django.conf import settings
from django.db import IntegrityError

from integrations.auth import client_metadata, dynamic_registration
from integrations.auth.factory import flow
from integrations.auth.flow import App, Flow, Tokens
from integrations.errors import Rejected
from integrations.models import Registration
from integrations.outbound.client import Door
from integrations.outbound.hosts import base_of
from integrations.platforms import registry
from integrations.platforms.base import (
    Adapter,
    AppPassword,
    Atproto,
    Auth,
    Client,
    OAuth2,
    Pasted,
    Platform,
    Polled,
    UserHost,
)
from integrations.vault import SigningKey

CALLBACK = "/connect/{slug}/callback/"
DOCUMENT = "/connect/client-metadata.json"


def credentials(platform: Platform) -> tuple[str, ...]:
    """Return the operator's credentials for a platform, or () if any of them is not set."""
    told = tuple(settings.PLATFORM_KEYS.get(name, "") for name in platform.needs)
    return told if all(told) else ()


def open_ways(platform: Platform) -> list[int]:
    """Return the indexes of the authentication methods that work here, the best first."""
    return [index for index, auth in enumerate(platform.auth) if _is_open(platform, auth)]


def _is_open(platform: Platform, auth: Auth) -> bool:
    self_made = isinstance(auth, (Pasted, Polled, Atproto)) or (
        isinstance(auth, OAuth2) and bool(auth.register or auth.metadata)
    )
    return self_made or bool(credentials(platform))


def fits(platform: Platform, way: int, server: str) -> bool:
    """Return whether the client app of an authentication method is known at a server.

    The operator registers an app at the platform's default server only. Other servers of a
    federated platform know Facet only if the method registers a client by itself.
    """
    auth = platform.auth[way]
    if not isinstance(platform.server, UserHost) or not isinstance(auth, OAuth2):
        return True
    return bool(auth.register or auth.metadata) or server == f"https://{platform.server.default}"


def redirect_uri(slug: str) -> str:
    """Return the OAuth redirect URI of a platform, which the operator registers there verbatim."""
    return settings.SITE_URL + CALLBACK.format(slug=slug)


def server_of(platform: Platform, told: str) -> str:
    """Return the base URL of the server that a person named, or the platform's only or default one.

    Raises Rejected without a server, and ForbiddenAddress for one that must not be contacted.
    """
    if not isinstance(platform.server, UserHost):
        return platform.server
    named = told.strip() or platform.server.default
    if not named:
        raise Rejected("Which server?", advice="Give its address, such as example.social.")
    return base_of(named, loopback=settings.OPEN_LOOPBACK)


def door_to(platform: Platform, server: str, *, anywhere: bool = False, **known: Any) -> Door:
    """Create an HTTP client that may contact only the hosts of a platform.

    With `any_host`, every public host is allowed: some servers name further ones, as in the
    discovery of an identity provider. Further keyword arguments go to the client.
    """
    hosts = {*platform.hosts, server.partition("://")[2], *hosts_of(platform)}
    return Door(
        None if anywhere else hosts,
        platform=platform.name,
        loopback=settings.OPEN_LOOPBACK,
        oddities=platform.oddities,
        **known,
    )


def hosts_of(platform: Platform) -> set[str]:
    """Return the hosts of all URLs in the descriptions of the authentication methods."""
    urls = [
        value
        for auth in platform.auth
        for value in vars(auth).values()
        if isinstance(value, str) and value.startswith("https://")
    ]
    return {url.split("/")[2] for url in urls}


def way_to(adapter: Adapter, way: int, told: str) -> tuple[Flow[Any], Mapping[str, Any]]:
    """Prepare a flow to begin at the server that a person named.

    Returns the flow and what `restore_flow` needs to continue it later: how this server differs
    from the platform's description, and the client app if it was registered for this flow alone.
    """
    platform, auth = adapter.platform, adapter.platform.auth[way]
    if isinstance(auth, (Atproto, AppPassword)):
        server = server_of(platform, "")
        return _flow(platform, auth, app_for(platform, way, server), server), {}
    server = server_of(platform, told)
    door = door_to(platform, server, anywhere=platform.named_by_person)
    server, auth = adapter.meet(door, server, auth)
    if isinstance(auth, OAuth2) and auth.metadata:
        auth, app = dynamic_registration.discover(
            auth,
            door=door,
            server=server,
            redirect_uri=redirect_uri(platform.slug),
            website=settings.SITE_URL,
            device=secrets.token_urlsafe(9),
        )
    else:
        app = app_for(platform, way, server, auth)
    remembered = _remembered(platform.auth[way], auth, app)
    return _flow(platform, auth, app, server), remembered


def way_back(platform: Platform, way: int, server: str, remembered: Mapping[str, Any]) -> Flow[Any]:
    """Restore a flow from what `prepare_flow` returned."""
    changed = dict(remembered.get("auth", {}))
    if "scopes" in changed:
        changed["scopes"] = tuple(changed["scopes"])
    auth = replace(platform.auth[way], **changed)
    known = remembered.get("client")
    app = App(redirect_uri(platform.slug), *known) if known else app_for(platform, way, server)
    return _flow(platform, auth, app, server)


def client_for(
    adapter: Adapter, made: Flow[Any], server: str, tokens: Tokens, facts: Any
) -> Client:
    """Create the authorized client of an account.

    The tokens are given to the HTTP client as secrets, so that they are masked in errors and logs.
    """
    lives_at = tokens.more.get("server") or server
    door = door_to(adapter.platform, lives_at, secrets=tokens.secrets)
    known = {name: tokens.more[name] for name in ("did",) if name in tokens.more}
    return Client(door, lives_at, sign=made.signer(tokens), facts={**known, **facts})


def app_for(platform: Platform, way: int, server: str, auth: Auth | None = None) -> App:
    """Return the client app for an authentication method at a server.

    It is the app that the operator registered, one that registers itself here, or the client that
    is described by our own client metadata document (atproto).
    """
    auth = auth or platform.auth[way]
    redirect = redirect_uri(platform.slug)
    if isinstance(auth, (Atproto, AppPassword)):
        return atproto_app(platform)
    if isinstance(auth, OAuth2) and auth.register:
        return _registered(platform, auth, server, redirect)
    unknown = isinstance(auth, (Pasted, Polled))  # these methods involve no client app
    return App(redirect) if unknown else App(redirect, *credentials(platform))


def atproto_app(platform: Platform) -> App:
    """Return our client of atproto: by public metadata document, or else the loopback client."""
    public = client_metadata.is_public(settings.SITE_URL)
    return client_metadata.client(
        settings.SITE_URL,
        document=DOCUMENT,
        callback=CALLBACK.format(slug=platform.slug),
        scopes=platform.scopes,
        signing=_our_key(platform.slug) if public else "",
        directory=settings.PLC_URL,
    )


def document() -> dict[str, Any] | None:
    """Return the client metadata document of atproto, or None if this server is not public."""
    if not client_metadata.is_public(settings.SITE_URL):
        return None
    platform = next(one for one in registry.platforms() if isinstance(one.auth[0], Atproto))
    app = atproto_app(platform)
    return client_metadata.document(app, site=settings.SITE_URL, scopes=platform.scopes)


def _flow(platform: Platform, auth: Auth, app: App, server: str) -> Flow[Any]:
    door = door_to(platform, server, anywhere=platform.named_by_person)
    return flow(auth, door=door, app=app, server=server)


def _remembered(declared: Auth, met: Auth, app: App) -> dict[str, Any]:
    """Return the fields in which the method differs, and the client if it is this flow's own."""
    then, now = asdict(declared), asdict(met)
    changed = {name: value for name, value in now.items() if then[name] != value}
    own = isinstance(declared, OAuth2) and declared.metadata
    client = {"client": [app.client_id, app.client_secret]} if own else {}
    return {"auth": changed, **client}


def _registered(platform: Platform, auth: OAuth2, server: str, redirect: str) -> App:
    known = Registration.objects.filter(
        platform=platform.slug, server=server, redirect_uri=redirect
    ).first()
    if known:
        return App(redirect, known.client_id, known.unseal()["secret"])
    app = dynamic_registration.register(
        auth,
        door=door_to(platform, server),
        server=server,
        redirect_uri=redirect,
        website=settings.SITE_URL,
    )
    return _kept(platform.slug, server, app)


def _kept(slug: str, server: str, app: App) -> App:
    row = Registration(
        platform=slug, server=server, redirect_uri=app.redirect_uri, client_id=app.client_id
    )
    row.seal({"secret": app.client_secret})
    try:
        row.save()
    except IntegrityError:  # another process registered at the same time: use its app
        there = Registration.objects.get(
            platform=slug, server=server, redirect_uri=app.redirect_uri
        )
        return App(app.redirect_uri, there.client_id, there.unseal()["secret"])
    return app


def _our_key(slug: str) -> str:
    """Return the key that signs our client assertions; it is created on first use."""
    known = Registration.objects.filter(platform=slug, server="", redirect_uri="").first()
    if known:
        return known.unseal()["secret"]
    made = SigningKey.make()
    return _kept(slug, "", App("", made.id, made.d)).client_secret


def adapter_of(slug: str) -> Adapter:
    """Return the adapter of a platform; UnknownPlace if there is none."""
    return registry.adapter(slug)
