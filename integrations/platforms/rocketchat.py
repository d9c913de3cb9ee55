"""Rocket.Chat: https://developer.rocket.chat/apidocs/set-user-avatar with a personal token."""

from datetime import date

from integrations.errors import RateLimited, Rejected
from integrations.outbound.responses import Oddity
from integrations.platforms.base import (
    Adapter,
    Client,
    Field,
    Identity,
    Pasted,
    Picture,
    Platform,
    Readback,
    Receipt,
    Rendition,
    Slot,
    UserHost,
)


class RocketChat(Adapter):
    platform = Platform(
        slug="rocketchat",
        name="Rocket.Chat",
        confidence="high",
        read=date(2026, 8, 20),
        docs="https://developer.rocket.chat/apidocs/set-user-avatar",
        endpoint="POST /api/v1/users.setAvatar",
        server=UserHost(example="chat.example.org"),
        auth=(
            Pasted(
                fields=(
                    Field("user", "User ID"),
                    Field("token", "Personal access token", secret=True),
                ),
                page="{server}/account/tokens",
                headers={"X-User-Id": "{user}", "X-Auth-Token": "{token}"},
                steps="My account, Personal access tokens; it shows both once.",
            ),
        ),
        asks="To use everything there in your name, by a token.",
        slots=(Slot(pixels=512, max_bytes=1_000_000, formats=("jpeg", "png")),),
        readback=Readback.PIXELS,
        page="{server}/account/profile",
        warning="The token can do everything you can.",
        oddities=(
            Oddity(200, '"success":false', Rejected),
            Oddity(400, "error-too-many-requests", RateLimited),
        ),
    )

    def identify(self, client: Client) -> Identity:
        me = client.get("/api/v1/me")
        return Identity(me["_id"], f"@{me['username']}", client.server, {"user": me["username"]})

    def current(self, client: Client, slot: Slot) -> Picture | None:
        me = client.get("/api/v1/me")
        if not me.get("avatarETag"):  # what shows is made from the initials
            return None
        url = client.at(f"/avatar/{client.facts['user']}?format=png")
        return Picture(key=me["avatarETag"], url=url)

    def publish(self, client: Client, slot: Slot, rendition: Rendition) -> Receipt:
        client.post("/api/v1/users.setAvatar", files={"image": rendition.file})
        return Receipt()

    def withdraw(self, client: Client, slot: Slot, before: Rendition | None) -> None:
        if before:
            self.publish(client, slot, before)
        else:
            client.post("/api/v1/users.resetAvatar", json={"username": client.facts["user"]})
