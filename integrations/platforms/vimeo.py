"""Vimeo: https://developer.vimeo.com/api/reference/users#create_picture

Three steps: ask for a place, put the bytes there (that address is signed already: no token), switch
to it. Old portraits stay in the account.
"""

from datetime import date
from typing import Any

from integrations.errors import Unauthorized
from integrations.outbound.responses import Oddity
from integrations.platforms.base import (
    Adapter,
    Client,
    Identity,
    OAuth2,
    Picture,
    Platform,
    Readback,
    Receipt,
    Rendition,
    Slot,
)


class Vimeo(Adapter):
    platform = Platform(
        slug="vimeo",
        name="Vimeo",
        confidence="high",
        read=date(2026, 8, 20),
        docs="https://developer.vimeo.com/api/reference/users",
        endpoint="POST /me/pictures",
        server="https://api.vimeo.com",
        auth=(
            OAuth2(
                authorize="https://api.vimeo.com/oauth/authorize",
                token="https://api.vimeo.com/oauth/access_token",
                scopes=("public", "private", "upload", "edit", "delete"),
                basic=True,
                pkce=False,
            ),
        ),
        hosts=frozenset({"i.cloud.vimeo.com", "i.vimeocdn.com"}),
        asks="To see your account, and to upload, edit and delete in it.",
        slots=(Slot(pixels=1000, max_bytes=1_000_000),),
        readback=Readback.VERSION,
        page="https://vimeo.com/settings/profile",
        needs=("VIMEO_CLIENT_ID", "VIMEO_CLIENT_SECRET"),
        setup="Create an app at https://developer.vimeo.com/apps and ask for upload access.",
        warning="Vimeo's upload and edit scopes cover your videos too; Facet never touches them.",
        oddities=(Oddity(403, "accesstokendoesnothavethe", Unauthorized),),
    )

    def identify(self, client: Client) -> Identity:
        me = client.get("/me")
        return Identity(me["uri"], me["name"], me.get("link", ""))

    def current(self, client: Client, slot: Slot) -> Picture | None:
        live = _active(client)
        return Picture(key=live["uri"], url=live["sizes"][-1]["link"]) if live else None

    def publish(self, client: Client, slot: Slot, rendition: Rendition) -> Receipt:
        place = client.post("/me/pictures")
        headers = {"Content-Type": rendition.media_type}
        client.unsigned("PUT", place["link"], data=rendition.data, headers=headers)
        client.call("PATCH", place["uri"], json={"active": True}).json()
        return Receipt(key=place["uri"])

    def withdraw(self, client: Client, slot: Slot, before: Rendition | None) -> None:
        if before:
            self.publish(client, slot, before)
        elif live := _active(client):
            client.call("DELETE", live["uri"])


def _active(client: Client) -> Any:
    return next((one for one in client.get("/me/pictures")["data"] if one["active"]), None)
