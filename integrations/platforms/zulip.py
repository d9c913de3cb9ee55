"""Zulip: https://zulip.com/api/upload-own-avatar, connected with e-mail address and API key.

The URL of the picture ends in a version number that increases with each upload.
"""

from datetime import date
from typing import Final

from integrations.platforms import base

# Parts of the URLs that Zulip shows for an account without an uploaded picture.
PLACEHOLDER_PATHS: Final = ("gravatar.com/", "/static/images/")


class Zulip(base.Adapter):
    platform = base.Platform(
        slug="zulip",
        name="Zulip",
        confidence="high",
        read=date(2026, 8, 20),
        docs="https://zulip.com/api/rest",
        endpoint="POST /api/v1/users/me/avatar",
        server=base.UserHost(example="example.zulipchat.com"),
        auth=(
            base.Pasted(
                fields=(
                    base.Field("email", "E-mail address"),
                    base.Field("key", "API key", secret=True),
                ),
                page="{server}/#settings/account-and-privacy",
                headers={},
                basic=("email", "key"),
                steps="Account & privacy, Manage your API key.",
            ),
        ),
        asks="To use everything there in your name, by your API key.",
        slots=(base.Slot(pixels=512, max_bytes=1_000_000, formats=("jpeg", "png")),),
        readback=base.Readback.VERSION,
        page="{server}/#settings/profile",
        warning="The key can do everything you can.",
    )

    def identify(self, client: base.Client) -> base.Identity:
        user = client.get("/api/v1/users/me")
        return base.Identity(str(user["user_id"]), user["full_name"], client.server)

    def current(self, client: base.Client, slot: base.Slot) -> base.Picture | None:
        user = client.get("/api/v1/users/me", params={"client_gravatar": "false"})
        url = client.at(user["avatar_url"] or "")
        is_placeholder = any(path in url for path in PLACEHOLDER_PATHS)
        return None if is_placeholder else base.Picture(key=url, url=url)

    def publish(
        self, client: base.Client, slot: base.Slot, rendition: base.Rendition
    ) -> base.Receipt:
        response = client.post("/api/v1/users/me/avatar", files={"file": rendition.file})
        return base.Receipt(key=client.at(response["avatar_url"]))

    def withdraw(
        self, client: base.Client, slot: base.Slot, previous: base.Rendition | None
    ) -> None:
        if previous:
            self.publish(client, slot, previous)
        else:
            client.call("DELETE", "/api/v1/users/me/avatar").json()
