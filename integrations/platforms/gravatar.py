"""Gravatar: one picture that thousands of sites show.

https://docs.gravatar.com/api/avatars/upload/ and https://docs.gravatar.com/oauth/. Every picture
ever sent stays in the account's own gallery, so putting one back is choosing it again.
"""

from datetime import date
from typing import Any

from integrations.errors import ManualActionRequired
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


class Gravatar(Adapter):
    platform = Platform(
        slug="gravatar",
        name="Gravatar",
        confidence="high",
        read=date(2026, 8, 20),
        docs="https://docs.gravatar.com/api/avatars/upload/",
        endpoint="POST /v3/me/avatars",
        server="https://api.gravatar.com",
        auth=(
            OAuth2(
                authorize="https://public-api.wordpress.com/oauth2/authorize",
                token="https://public-api.wordpress.com/oauth2/token",
                scopes=("auth", "gravatar-profile:read", "gravatar-profile:manage"),
                scope_name="scope[]",
                pkce=False,
            ),
        ),
        hosts=frozenset({"public-api.wordpress.com"}),
        asks="To see your Gravatar profile and to manage its pictures.",
        slots=(Slot(pixels=1024, max_bytes=1_000_000, formats=("jpeg", "png"), alt_text=100),),
        readback=Readback.VERSION,
        page="https://gravatar.com/profile",
        needs=("GRAVATAR_CLIENT_ID", "GRAVATAR_CLIENT_SECRET"),
        setup="Create an application at https://gravatar.com/developers/new-application.",
        warning="Sites keep the old picture for some minutes.",
    )

    def identify(self, client: Client) -> Identity:
        me = client.get("/v3/me/profile")
        name = me["display_name"] or me["user_login"]
        return Identity(str(me["user_id"]), name, me["profile_url"], {"hash": me["hash"]})

    def current(self, client: Client, slot: Slot) -> Picture | None:
        asked = {"selected_email_hash": client.facts["hash"]}
        chosen = [one for one in client.get("/v3/me/avatars", params=asked) if one.get("selected")]
        return _picture(chosen[0]) if chosen else None

    def publish(self, client: Client, slot: Slot, rendition: Rendition) -> Receipt:
        asked, image = {"select_avatar": "false"}, {"image": rendition.file}
        name = client.post("/v3/me/avatars", params=asked, files=image)["image_id"]
        if rendition.alt_text:
            told = {"alt_text": rendition.alt_text[: slot.alt_text]}
            client.call("PATCH", f"/v3/me/avatars/{name}", json=told).json()
        chosen = {"email_hash": client.facts["hash"]}
        client.call("POST", f"/v3/me/avatars/{name}/email", json=chosen)  # only now it shows
        return Receipt(key=name)

    def withdraw(self, client: Client, slot: Slot, before: Rendition | None) -> None:
        if not before:
            raise ManualActionRequired("Gravatar shows your last picture until you choose another.")
        self.publish(client, slot, before)


def _picture(got: Any) -> Picture:
    return Picture(key=got["image_id"], url=got["image_url"], alt_text=got.get("alt_text") or "")
