"""Rocket.Chat: https://developer.rocket.chat/apidocs/set-user-avatar"""

from datetime import date

from integrations.errors import RateLimited, Rejected
from integrations.platforms import base


class RocketChat(base.Adapter):
    platform = base.Platform(
        slug="rocketchat",
        name="Rocket.Chat",
        confidence="high",
        read=date(2026, 8, 20),
        docs="https://developer.rocket.chat/apidocs/set-user-avatar",
        endpoint="POST /api/v1/users.setAvatar",
        server=base.UserHost(example="chat.example.org"),
        auth=(
            base.Pasted(
                fields=(
                    base.Field("user", "User ID"),
                    base.Field("token", "Personal access token", secret=True),
                ),
                page="{server}/account/tokens",
                headers={"X-User-Id": "{user}", "X-Auth-Token": "{token}"},
                steps="My account, Personal access tokens; it shows both once.",
            ),
        ),
        asks="To use everything there in your name, by a token.",
        slots=(base.Slot(pixels=512, max_bytes=1_000_000, formats=("jpeg", "png")),),
        readback=base.Readback.PIXELS,
        page="{server}/account/profile",
        warning="The token can do everything you can.",
        oddities=(
            base.Oddity(200, '"success":false', Rejected),
            base.Oddity(400, "error-too-many-requests", RateLimited),
        ),
    )

    def identify(self, client: base.Client) -> base.Identity:
        user = client.get("/api/v1/me")
        return base.Identity(
            user["_id"], f"@{user['username']}", client.server, {"user": user["username"]}
        )

    def current(self, client: base.Client, slot: base.Slot) -> base.Picture | None:
        etag = client.get("/api/v1/me").get("avatarETag")
        if not etag:  # the server shows the initials
            return None
        url = client.at(f"/avatar/{client.facts['user']}?format=png")
        return base.Picture(key=etag, url=url)

    def publish(
        self, client: base.Client, slot: base.Slot, rendition: base.Rendition
    ) -> base.Receipt:
        client.post("/api/v1/users.setAvatar", files={"image": rendition.file})
        return base.Receipt()

    def withdraw(
        self, client: base.Client, slot: base.Slot, previous: base.Rendition | None
    ) -> None:
        if previous:
            self.publish(client, slot, previous)
        else:
            client.post("/api/v1/users.resetAvatar", json={"username": client.facts["user"]})
