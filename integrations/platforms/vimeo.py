"""Vimeo: https://developer.vimeo.com/api/reference/users#create_picture

An upload takes three calls: create a picture, send the bytes to its upload link (a pre-signed URL,
so without the token), activate it. Earlier pictures stay in the account.
"""

from datetime import date
from typing import Any

from integrations.errors import Unauthorized
from integrations.platforms import base


class Vimeo(base.Adapter):
    platform = base.Platform(
        slug="vimeo",
        name="Vimeo",
        confidence="high",
        read=date(2026, 8, 20),
        docs="https://developer.vimeo.com/api/reference/users",
        endpoint="POST /me/pictures",
        server="https://api.vimeo.com",
        auth=(
            base.OAuth2(
                authorize="https://api.vimeo.com/oauth/authorize",
                token="https://api.vimeo.com/oauth/access_token",
                scopes=("public", "private", "upload", "edit", "delete"),
                basic=True,
                pkce=False,
            ),
        ),
        hosts=frozenset({"i.cloud.vimeo.com", "i.vimeocdn.com"}),
        asks="To see your account, and to upload, edit and delete in it.",
        slots=(base.Slot(pixels=1000, max_bytes=1_000_000),),
        readback=base.Readback.VERSION,
        page="https://vimeo.com/settings/profile",
        needs=("VIMEO_CLIENT_ID", "VIMEO_CLIENT_SECRET"),
        setup="Create an app at https://developer.vimeo.com/apps and ask for upload access.",
        warning="Vimeo's upload and edit scopes cover your videos too; Facet never touches them.",
        oddities=(base.Oddity(403, "accesstokendoesnothavethe", Unauthorized),),
    )

    def identify(self, client: base.Client) -> base.Identity:
        user = client.get("/me")
        return base.Identity(user["uri"], user["name"], user.get("link", ""))

    def current(self, client: base.Client, slot: base.Slot) -> base.Picture | None:
        picture = _read_active_picture(client)
        if picture is None:
            return None
        return base.Picture(key=picture["uri"], url=picture["sizes"][-1]["link"])

    def publish(
        self, client: base.Client, slot: base.Slot, rendition: base.Rendition
    ) -> base.Receipt:
        picture = client.post("/me/pictures")
        headers = {"Content-Type": rendition.media_type}
        client.unsigned("PUT", picture["link"], data=rendition.data, headers=headers)
        client.call("PATCH", picture["uri"], json={"active": True}).json()
        return base.Receipt(key=picture["uri"])

    def withdraw(
        self, client: base.Client, slot: base.Slot, previous: base.Rendition | None
    ) -> None:
        if previous:
            self.publish(client, slot, previous)
        elif picture := _read_active_picture(client):
            client.call("DELETE", picture["uri"])


def _read_active_picture(client: base.Client) -> Any:
    """Return the picture that is shown; None if the account has none."""
    pictures = client.get("/me/pictures")["data"]
    return next((picture for picture in pictures if picture["active"]), None)
