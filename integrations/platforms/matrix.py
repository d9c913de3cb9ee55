"""Matrix: a picture goes into the media store, the profile names it by its mxc address.

https://spec.matrix.org/v1.15/client-server-api/#put_matrixclientv3profileuseridavatar_url; servers
without the OAuth 2.0 API take an access token. Every room the person is in hears of a change.
"""

from datetime import date

from integrations.errors import RateLimited, Unauthorized
from integrations.outbound.client import Door
from integrations.outbound.responses import Oddity
from integrations.platforms.base import (
    DAY,
    Adapter,
    Auth,
    Client,
    Field,
    Identity,
    OAuth2,
    Pasted,
    Picture,
    Platform,
    Readback,
    Receipt,
    Rendition,
    Slot,
    UserHost,
)


class Matrix(Adapter):
    platform = Platform(
        slug="matrix",
        name="Matrix",
        confidence="high",
        read=date(2026, 8, 20),
        docs="https://spec.matrix.org/v1.15/client-server-api/#profiles",
        endpoint="PUT /_matrix/client/v3/profile/{user}/avatar_url",
        server=UserHost(example="matrix.org", default="matrix.org"),
        auth=(
            OAuth2(
                authorize="",
                token="",
                metadata="{server}/_matrix/client/v1/auth_metadata",
                scopes=("urn:matrix:client:api:*", "urn:matrix:client:device:{device}"),
                extra={"response_mode": "query"},
            ),
            Pasted(
                fields=(Field("token", "Access token", secret=True),),
                page="https://app.element.io/",
                headers={"Authorization": "Bearer {token}"},
                steps="In Element: All settings, Help & About, Access token.",
            ),
        ),
        asks="To use your account as a session of its own.",
        slots=(Slot(pixels=512, max_bytes=1_000_000, formats=("jpeg", "png")),),
        readback=Readback.EXACT,
        page="https://app.element.io/#/settings",
        min_interval=DAY,
        warning="Matrix has no scope for the picture alone: Facet shows up as a session that can "
        "do everything. Each change is announced in all your rooms.",
        oddities=(
            Oddity(403, '"M_UNKNOWN_TOKEN"', Unauthorized),
            Oddity(400, '"M_LIMIT_EXCEEDED"', RateLimited),
        ),
    )

    def meet(self, door: Door, server: str, auth: Auth) -> tuple[str, Auth]:
        """The name of a server may point elsewhere; 404: it is the server itself."""
        answer = door.call("GET", f"{server}/.well-known/matrix/client", absent=404)
        told = {} if answer.status == 404 else answer.json()
        return told.get("m.homeserver", {}).get("base_url", server).rstrip("/"), auth

    def identify(self, client: Client) -> Identity:
        me = client.get("/_matrix/client/v3/account/whoami")["user_id"]
        return Identity(me, me, f"https://matrix.to/#/{me}", {"user": me})

    def current(self, client: Client, slot: Slot) -> Picture | None:
        mxc = (client.found(_profile(client)) or {}).get("avatar_url") or ""
        if not mxc:
            return None
        path = mxc.removeprefix("mxc://")
        data = client.picture(f"/_matrix/client/v1/media/download/{path}").data
        return Picture(key=mxc, data=data)

    def publish(self, client: Client, slot: Slot, rendition: Rendition) -> Receipt:
        mxc = client.post(
            "/_matrix/media/v3/upload",
            params={"filename": rendition.file[0]},
            data=rendition.data,
            headers={"Content-Type": rendition.media_type},
        )["content_uri"]
        client.call("PUT", _profile(client), json={"avatar_url": mxc}).json()
        return Receipt(key=mxc)

    def withdraw(self, client: Client, slot: Slot, before: Rendition | None) -> None:
        if before:
            self.publish(client, slot, before)
        else:  # an empty address is what servers before 1.16 know for "none"
            client.call("PUT", _profile(client), json={"avatar_url": ""}).json()


def _profile(client: Client) -> str:
    return f"/_matrix/client/v3/profile/{client.facts['user']}/avatar_url"
