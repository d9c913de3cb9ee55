"""Zoom: https://developers.zoom.us/docs/api/users/#tag/users/POST/users/{userId}/picture

New apps have granular scopes only, older ones may still have user:read and user:write; its page
grants what the app was made with and is asked for nothing:
https://developers.zoom.us/docs/integrations/migrate/
"""

from datetime import date
from typing import Final

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

SCOPES: Final = ("user:read:user", "user:write:profile_picture", "user:delete:profile_picture")


class Zoom(Adapter):
    platform = Platform(
        slug="zoom",
        name="Zoom",
        confidence="medium",
        read=date(2026, 8, 20),
        docs="https://developers.zoom.us/docs/api/users/",
        endpoint="POST /v2/users/me/picture",
        server="https://api.zoom.us",
        auth=(
            OAuth2(
                authorize="https://zoom.us/oauth/authorize",
                token="https://zoom.us/oauth/token",
                revoke="https://zoom.us/oauth/revoke",
                scopes=SCOPES,
                scope_name="",
                basic=True,
                ends_by="access",
            ),
        ),
        hosts=frozenset({"zoom.us"}),
        asks="To see and to change your own user.",
        slots=(Slot(pixels=800, max_bytes=1_900_000),),
        readback=Readback.URL,
        page="https://zoom.us/profile",
        needs=("ZOOM_CLIENT_ID", "ZOOM_CLIENT_SECRET"),
        setup="Create a user-managed app at https://marketplace.zoom.us/develop/create with the "
        f"scopes {', '.join(SCOPES)}.",
        # A token without the scope is told with 400; https://developers.zoom.us/docs/api/errors/
        oddities=(Oddity(400, "Invalidaccesstoken", Unauthorized),),
        warning="Your organisation may have to allow the app.",
    )

    def identify(self, client: Client) -> Identity:
        me = client.get("/v2/users/me")
        return Identity(me["id"], me["email"])

    def current(self, client: Client, slot: Slot) -> Picture | None:
        url = client.get("/v2/users/me").get("pic_url")
        return Picture(key=url, url=url) if url else None

    def publish(self, client: Client, slot: Slot, rendition: Rendition) -> Receipt:
        client.call("POST", "/v2/users/me/picture", files={"pic_file": rendition.file})
        live = self.current(client, slot)
        return Receipt(key=live.key if live else "")

    def withdraw(self, client: Client, slot: Slot, before: Rendition | None) -> None:
        if before:
            self.publish(client, slot, before)
        else:
            client.call("DELETE", "/v2/users/me/picture")
