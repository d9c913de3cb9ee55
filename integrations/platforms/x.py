"""X: account/update_profile_image of API v1.1, signed with OAuth 1.0a; an experiment.

Documented only at developer.x.com/en/docs/x-api/v1/accounts-and-users; the current documentation
has no such call. Where it is switched off, X answers 403 with code 453, and the person takes over.
"""

from datetime import date

from integrations.errors import ManualActionRequired
from integrations.outbound.responses import Oddity
from integrations.platforms.base import (
    Adapter,
    Client,
    Identity,
    OAuth1,
    Picture,
    Platform,
    Readback,
    Receipt,
    Rendition,
    Slot,
)


class X(Adapter):
    platform = Platform(
        slug="x",
        name="X",
        confidence="low",
        read=date(2026, 8, 20),
        experimental=True,
        docs="https://developer.x.com/en/docs/x-api/v1/accounts-and-users",
        endpoint="POST /1.1/account/update_profile_image.json",
        server="https://api.x.com",
        auth=(
            OAuth1(
                request_token="https://api.x.com/oauth/request_token",
                authorize="https://api.x.com/oauth/authorize",
                access_token="https://api.x.com/oauth/access_token",
            ),
        ),
        asks="To read and to write in your name.",
        slots=(Slot(pixels=400, max_bytes=690_000, formats=("jpeg", "png")),),
        readback=Readback.URL,
        page="https://x.com/settings/profile",
        needs=("X_CLIENT_ID", "X_CLIENT_SECRET"),
        setup="Create an app at https://developer.x.com with OAuth 1.0a, read and write; its API "
        "key and secret are X_CLIENT_ID and X_CLIENT_SECRET.",
        warning="An experiment: X no longer documents this way, and may refuse it.",
        oddities=(
            Oddity(403, '"code":453', ManualActionRequired),
            Oddity(403, "", ManualActionRequired, at="/update_profile_image.json"),
        ),
    )

    def identify(self, client: Client) -> Identity:
        me = client.get("/2/users/me")["data"]
        return Identity(me["id"], f"@{me['username']}", f"https://x.com/{me['username']}")

    def current(self, client: Client, slot: Slot) -> Picture | None:
        me = client.get("/2/users/me", params={"user.fields": "profile_image_url"})["data"]
        url = me.get("profile_image_url", "")
        if not url or "default_profile" in url:
            return None
        return Picture(key=url, url=url.replace("_normal", "_400x400"))

    def publish(self, client: Client, slot: Slot, rendition: Rendition) -> Receipt:
        client.call(
            "POST",
            "/1.1/account/update_profile_image.json",
            files={"image": rendition.file},
        ).json()
        return Receipt()  # X shows it some seconds later

    def withdraw(self, client: Client, slot: Slot, before: Rendition | None) -> None:
        if not before:
            raise ManualActionRequired("X lets you remove your picture, but not an app for you.")
        self.publish(client, slot, before)
