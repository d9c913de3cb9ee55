"""X: account/update_profile_image of API v1.1, signed with OAuth 1.0a (experimental).

Documented only at developer.x.com/en/docs/x-api/v1/accounts-and-users; the current documentation
has no such call. Where it is switched off, X answers 403 with code 453, and the person has to set
the picture by hand.
"""

from datetime import date

from integrations.errors import ManualActionRequired
from integrations.platforms import base


class X(base.Adapter):
    platform = base.Platform(
        slug="x",
        name="X",
        confidence="low",
        read=date(2026, 8, 20),
        experimental=True,
        docs="https://developer.x.com/en/docs/x-api/v1/accounts-and-users",
        endpoint="POST /1.1/account/update_profile_image.json",
        server="https://api.x.com",
        auth=(
            base.OAuth1(
                request_token="https://api.x.com/oauth/request_token",
                authorize="https://api.x.com/oauth/authorize",
                access_token="https://api.x.com/oauth/access_token",
            ),
        ),
        asks="To read and to write in your name.",
        slots=(base.Slot(pixels=400, max_bytes=690_000, formats=("jpeg", "png")),),
        readback=base.Readback.URL,
        page="https://x.com/settings/profile",
        needs=("X_CLIENT_ID", "X_CLIENT_SECRET"),
        setup="Create an app at https://developer.x.com with OAuth 1.0a, read and write; its API "
        "key and secret are X_CLIENT_ID and X_CLIENT_SECRET.",
        warning="An experiment: X no longer documents this way, and may refuse it.",
        oddities=(
            base.Oddity(403, '"code":453', ManualActionRequired),
            base.Oddity(403, "", ManualActionRequired, at="/update_profile_image.json"),
        ),
    )

    def identify(self, client: base.Client) -> base.Identity:
        user = client.get("/2/users/me")["data"]
        name = user["username"]
        return base.Identity(user["id"], f"@{name}", f"https://x.com/{name}")

    def current(self, client: base.Client, slot: base.Slot) -> base.Picture | None:
        query = {"user.fields": "profile_image_url"}
        url = client.get("/2/users/me", params=query)["data"].get("profile_image_url", "")
        if not url or "default_profile" in url:
            return None
        return base.Picture(key=url, url=url.replace("_normal", "_400x400"))

    def publish(
        self, client: base.Client, slot: base.Slot, rendition: base.Rendition
    ) -> base.Receipt:
        client.call(
            "POST",
            "/1.1/account/update_profile_image.json",
            files={"image": rendition.file},
        ).json()
        return base.Receipt()  # no key: X shows the picture only some seconds later

    def withdraw(
        self, client: base.Client, slot: base.Slot, previous: base.Rendition | None
    ) -> None:
        if not previous:
            raise ManualActionRequired("X lets you remove your picture, but not an app for you.")
        self.publish(client, slot, previous)
