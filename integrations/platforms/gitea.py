"""Gitea and Forgejo servers, such as Codeberg.

https://codeberg.org/api/swagger#/user/userUpdateAvatar: the picture is sent as base64 and answered
with 204; a file that is no picture is answered with 500. Small files are stored unchanged, with
their metadata.
"""

import base64
from datetime import date

from integrations.errors import Rejected, Unauthorized
from integrations.platforms import base


class Gitea(base.Adapter):
    platform = base.Platform(
        slug="gitea",
        name="Forgejo, Codeberg, Gitea",
        confidence="high",
        read=date(2026, 8, 20),
        docs="https://codeberg.org/api/swagger#/user/userUpdateAvatar",
        endpoint="POST /api/v1/user/avatar",
        server=base.UserHost(example="codeberg.org", default="codeberg.org"),
        auth=(
            base.OAuth2(
                authorize="{server}/login/oauth/authorize",
                token="{server}/login/oauth/access_token",
            ),
            base.Pasted(
                fields=(base.Field("token", "Access token", secret=True),),
                page="{server}/user/settings/applications",
                headers={"Authorization": "token {token}"},
                steps="Make a token with the permission user: read and write.",
            ),
        ),
        asks="To use everything there in your name; a token may be for your profile only.",
        slots=(base.Slot(pixels=512, max_bytes=250_000, formats=("jpeg", "png")),),
        readback=base.Readback.URL,
        page="{server}/user/settings",
        needs=("GITEA_CLIENT_ID", "GITEA_CLIENT_SECRET"),
        setup="Create an application at https://codeberg.org/user/settings/applications.",
        warning="Signing in lets Facet do everything you can there; a token with the permission "
        "user reaches only your profile.",
        oddities=(
            base.Oddity(500, "", Rejected, method="POST", at="/user/avatar"),
            base.Oddity(403, "requiredscope", Unauthorized),
        ),
    )

    def identify(self, client: base.Client) -> base.Identity:
        user = client.get("/api/v1/user")
        return base.Identity(str(user["id"]), user["login"], client.at(f"/{user['login']}"))

    def current(self, client: base.Client, slot: base.Slot) -> base.Picture | None:
        url = client.get("/api/v1/user")["avatar_url"]
        # A picture on another host comes from Gravatar or Libravatar.
        is_uploaded = url.startswith((client.server, "/"))
        return base.Picture(key=url, url=client.at(url)) if is_uploaded else None

    def publish(
        self, client: base.Client, slot: base.Slot, rendition: base.Rendition
    ) -> base.Receipt:
        image = {"image": base64.b64encode(rendition.data).decode()}
        client.call("POST", "/api/v1/user/avatar", json=image)
        live = self.current(client, slot)
        return base.Receipt(key=live.key if live else "")

    def withdraw(
        self, client: base.Client, slot: base.Slot, previous: base.Rendition | None
    ) -> None:
        if previous:
            self.publish(client, slot, previous)
        else:
            client.call("DELETE", "/api/v1/user/avatar")
