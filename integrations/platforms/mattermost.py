"""Mattermost: https://api.mattermost.com/#tag/users/operation/SetProfileImage

A personal access token; the server may lock pictures that a directory keeps.
"""

from datetime import date

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


class Mattermost(Adapter):
    platform = Platform(
        slug="mattermost",
        name="Mattermost",
        confidence="high",
        read=date(2026, 8, 20),
        docs="https://api.mattermost.com/#tag/users/operation/SetProfileImage",
        endpoint="POST /api/v4/users/{id}/image",
        server=UserHost(example="chat.example.org"),
        auth=(
            Pasted(
                fields=(Field("token", "Personal access token", secret=True),),
                page="{server}",
                headers={"Authorization": "Bearer {token}"},
                steps="Profile, Security, Personal access tokens; an administrator may have to "
                "allow them.",
            ),
        ),
        asks="To use everything there in your name, by a token.",
        slots=(Slot(pixels=512, max_bytes=1_000_000, formats=("jpeg", "png")),),
        readback=Readback.PIXELS,
        page="{server}",
        warning="The token can do everything you can.",
    )

    def identify(self, client: Client) -> Identity:
        me = client.get("/api/v4/users/me")
        return Identity(me["id"], f"@{me['username']}", client.server, {"user": me["id"]})

    def current(self, client: Client, slot: Slot) -> Picture | None:
        me = client.get("/api/v4/users/me")
        changed = me.get("last_picture_update") or 0
        if changed <= 0:  # the picture of the server's making
            return None
        return Picture(key=str(changed), data=client.picture(_path(client)).data)

    def publish(self, client: Client, slot: Slot, rendition: Rendition) -> Receipt:
        client.post(_path(client), files={"image": rendition.file})
        return Receipt()

    def withdraw(self, client: Client, slot: Slot, before: Rendition | None) -> None:
        if before:
            self.publish(client, slot, before)
        else:
            client.call("DELETE", _path(client)).json()


def _path(client: Client) -> str:
    return f"/api/v4/users/{client.facts['user']}/image"
