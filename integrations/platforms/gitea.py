"""Gitea and Forgejo, Codeberg among them.

https://codeberg.org/api/swagger#/user/userUpdateAvatar: plain base64, answered with 204; what
is not a picture is answered with 500. Small files are kept as they come, with all that is in them.
"""

import base64
from datetime import date

from integrations.errors import Rejected, Unauthorized
from integrations.outbound.responses import Oddity
from integrations.platforms.base import (
    Adapter,
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


class Gitea(Adapter):
    platform = Platform(
        slug="gitea",
        name="Forgejo, Codeberg, Gitea",
        confidence="high",
        read=date(2026, 8, 20),
        docs="https://codeberg.org/api/swagger#/user/userUpdateAvatar",
        endpoint="POST /api/v1/user/avatar",
        server=UserHost(example="codeberg.org", default="codeberg.org"),
        auth=(
            OAuth2(
                authorize="{server}/login/oauth/authorize",
                token="{server}/login/oauth/access_token",
            ),
            Pasted(
                fields=(Field("token", "Access token", secret=True),),
                page="{server}/user/settings/applications",
                headers={"Authorization": "token {token}"},
                steps="Make a token with the permission user: read and write.",
            ),
        ),
        asks="To use everything there in your name; a token may be for your profile only.",
        slots=(Slot(pixels=512, max_bytes=250_000, formats=("jpeg", "png")),),
        readback=Readback.URL,
        page="{server}/user/settings",
        needs=("GITEA_CLIENT_ID", "GITEA_CLIENT_SECRET"),
        setup="Create an application at https://codeberg.org/user/settings/applications.",
        warning="Signing in lets Facet do everything you can there; a token with the permission "
        "user reaches only your profile.",
        oddities=(
            Oddity(500, "", Rejected, method="POST", at="/user/avatar"),
            Oddity(403, "requiredscope", Unauthorized),
        ),
    )

    def identify(self, client: Client) -> Identity:
        me = client.get("/api/v1/user")
        return Identity(str(me["id"]), me["login"], client.at(f"/{me['login']}"))

    def current(self, client: Client, slot: Slot) -> Picture | None:
        url = client.get("/api/v1/user")["avatar_url"]
        own = url.startswith((client.server, "/"))  # anything else is Gravatar's or Libravatar's
        return Picture(key=url, url=client.at(url)) if own else None

    def publish(self, client: Client, slot: Slot, rendition: Rendition) -> Receipt:
        told = {"image": base64.b64encode(rendition.data).decode()}
        client.call("POST", "/api/v1/user/avatar", json=told)
        live = self.current(client, slot)
        return Receipt(key=live.key if live else "")

    def withdraw(self, client: Client, slot: Slot, before: Rendition | None) -> None:
        if before:
            self.publish(client, slot, before)
        else:
            client.call("DELETE", "/api/v1/user/avatar")
