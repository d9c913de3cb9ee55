"""Dropbox: account/set_profile_photo of https://www.dropbox.com/developers/documentation/http"""

import base64
from datetime import date
from typing import Final

from integrations.errors import Unauthorized, Unavailable
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

USERS: Final = "/2/users/get_current_account"


class Dropbox(Adapter):
    platform = Platform(
        slug="dropbox",
        name="Dropbox",
        confidence="high",
        read=date(2026, 8, 20),
        docs="https://www.dropbox.com/developers/documentation/http/documentation",
        endpoint="POST /2/account/set_profile_photo",
        server="https://api.dropboxapi.com",
        auth=(
            OAuth2(
                authorize="https://www.dropbox.com/oauth2/authorize",
                token="https://api.dropboxapi.com/oauth2/token",
                scopes=("account_info.read", "account_info.write"),
                extra={"token_access_type": "offline"},
            ),
        ),
        asks="To see and to change the details of your account; none of your files.",
        slots=(Slot(pixels=512, max_bytes=1_000_000, formats=("jpeg", "png")),),
        readback=Readback.VERSION,
        page="https://www.dropbox.com/account/general",
        needs=("DROPBOX_CLIENT_ID", "DROPBOX_CLIENT_SECRET"),
        setup="Create an app at https://www.dropbox.com/developers/apps with the permissions "
        "account_info.read and account_info.write.",
        oddities=(
            Oddity(409, "transient_error", Unavailable),
            Oddity(401, "expired_access_token", Unauthorized),
        ),
    )

    def identify(self, client: Client) -> Identity:
        me = client.ask(USERS)
        return Identity(me["account_id"], me["name"]["display_name"])

    def current(self, client: Client, slot: Slot) -> Picture | None:
        url = client.ask(USERS).get("profile_photo_url")
        return Picture(key=url, url=url) if url else None

    def publish(self, client: Client, slot: Slot, rendition: Rendition) -> Receipt:
        data = base64.b64encode(rendition.data).decode()
        told = {"photo": {".tag": "base64_data", "base64_data": data}}
        got = client.post("/2/account/set_profile_photo", json=told)
        return Receipt(key=got["profile_photo_url"])

    def withdraw(self, client: Client, slot: Slot, before: Rendition | None) -> None:
        if before:
            self.publish(client, slot, before)
        else:
            client.post("/2/account/delete_profile_photo")
