"""Zulip: https://zulip.com/api/upload-own-avatar with e-mail and API key.

The address of the picture ends in a version that counts up with each one.
"""

from datetime import date
from typing import Final

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

OTHERS: Final = ("gravatar.com/", "/static/images/")  # Gravatar's, and the server's own default


class Zulip(Adapter):
    platform = Platform(
        slug="zulip",
        name="Zulip",
        confidence="high",
        read=date(2026, 8, 20),
        docs="https://zulip.com/api/rest",
        endpoint="POST /api/v1/users/me/avatar",
        server=UserHost(example="example.zulipchat.com"),
        auth=(
            Pasted(
                fields=(
                    Field("email", "E-mail address"),
                    Field("key", "API key", secret=True),
                ),
                page="{server}/#settings/account-and-privacy",
                headers={},
                basic=("email", "key"),
                steps="Account & privacy, Manage your API key.",
            ),
        ),
        asks="To use everything there in your name, by your API key.",
        slots=(Slot(pixels=512, max_bytes=1_000_000, formats=("jpeg", "png")),),
        readback=Readback.VERSION,
        page="{server}/#settings/profile",
        warning="The key can do everything you can.",
    )

    def identify(self, client: Client) -> Identity:
        me = client.get("/api/v1/users/me")
        return Identity(str(me["user_id"]), me["full_name"], client.server)

    def current(self, client: Client, slot: Slot) -> Picture | None:
        me = client.get("/api/v1/users/me", params={"client_gravatar": "false"})
        url = client.at(me["avatar_url"] or "")
        own = not any(part in url for part in OTHERS)
        return Picture(key=url, url=url) if own else None

    def publish(self, client: Client, slot: Slot, rendition: Rendition) -> Receipt:
        got = client.post("/api/v1/users/me/avatar", files={"file": rendition.file})
        return Receipt(key=client.at(got["avatar_url"]))

    def withdraw(self, client: Client, slot: Slot, before: Rendition | None) -> None:
        if before:
            self.publish(client, slot, before)
        else:
            client.call("DELETE", "/api/v1/users/me/avatar").json()
